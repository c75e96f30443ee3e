import type { Api } from "./api.ts";
import type { ChaosCampaign } from "./campaigns.ts";
import type { Problem } from "./evidence.ts";
import { untilQuiet } from "./gather.ts";
import type { Person } from "./person.ts";
import type { Producer } from "./producer.ts";

type Parts = {
  readonly api: Api;
  readonly sandbox: Api;
  readonly producer: Producer;
  readonly person: Person;
  readonly accounts: readonly string[];
  readonly campaigns: readonly ChaosCampaign[];
};

/** Nothing is killed any more: names the campaigns that have not ended within the time, which is the failure. */
export async function calmDown(parts: Parts, withinMs: number): Promise<Problem[]> {
  const { api, sandbox, producer, person, accounts, campaigns } = parts;
  for (const account of accounts) await api.post(`/v1/accounts/${account}/resume`);
  person.calmDown();
  // A producer asks: what Redis lost of its last moment before a kill is enqueued again.
  for (const campaign of campaigns) await producer.add(campaign);
  const ids = campaigns.map(({ id }) => id);
  const open = await person.untilEnded(ids, withinMs);
  if (open.length === 0) await untilQuiet(sandbox, accounts);
  return open.map((says) => ({ kind: "end", says: `has not ended: ${says}` }));
}
