import { admitUnder, type CapShard } from "../src/campaign/cap.ts";
import type { ExcludedAmong } from "../src/campaign/exclusion.ts";
import type { OpenId } from "../src/campaign/openid.ts";

/** What becomes of the people of one shard, each once; those who are admitted are counted in `counts`. */
export async function sortShard(
  people: readonly OpenId[],
  counts: CapShard,
  limit: number,
  excludedAmong: ExcludedAmong,
) {
  const distinct = [...new Set(people)];
  const out = await excludedAmong(distinct);
  const left = out.size === 0 ? distinct : distinct.filter((openid) => !out.has(openid));
  const duplicate = people.length - distinct.length;
  return { ...admitUnder(counts, left, limit), excluded: [...out], duplicate };
}
