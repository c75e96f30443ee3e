import { admitUnder, type CapShard } from "../src/campaign/cap.ts";
import type { Exclusion } from "../src/campaign/exclusion.ts";
import type { ShardPeople } from "./each-shard.ts";

/**
 * What becomes of the people of one shard, each once; those who are admitted are counted in `counts`. Left out is
 * who is listed beside them, and who is among the excluded.
 */
export async function sortShard(
  { peopleOf, besideOf }: ShardPeople,
  counts: CapShard,
  limit: number,
  { among }: Pick<Exclusion, "among">,
) {
  const people = peopleOf();
  const distinct = [...new Set(people)];
  const beside = new Set(besideOf());
  const unlisted = beside.size === 0 ? distinct : distinct.filter((openid) => !beside.has(openid));
  const out = await among(unlisted);
  const left = out.size === 0 ? unlisted : unlisted.filter((openid) => !out.has(openid));
  const listed = beside.size === 0 ? [] : distinct.filter((openid) => beside.has(openid));
  const duplicate = people.length - distinct.length;
  return { ...admitUnder(counts, left, limit), excluded: [...listed, ...out], duplicate };
}
