import { monthOf } from "../../src/campaign/calendar.ts";
import { systemClock } from "../../src/clock.ts";
import { judged, mediansOf, tell } from "./figures.ts";
import { type Ledger, newPeople, openLedger } from "./ledger.ts";
import { rounded, timeOf } from "./runs.ts";

const PEOPLE = 1_000_000;

/** Users in one pipeline of the naive way: more makes it no quicker. */
const PIPELINED = 5_000;
const MONTH_SECONDS = 2_678_400;

/**
 * Admitting people of whom nothing is counted yet, from the stored list to their counters and the admitted
 * lists, against a counter a user, INCR and EXPIRE in pipelines, which stores no lists. And what the
 * counters of both take in Redis.
 */
export async function measureAdmission(url: string): Promise<object[]> {
  const ledger = await openLedger(url, "admission", PEOPLE);
  const people = newPeople(PEOPLE);
  const { admitMs, naiveMs, bytes, naiveBytes } = await mediansOf(async (index) => {
    tell(`admitting ${PEOPLE.toLocaleString("en")} people, run ${index + 1}`);
    const ours = await admit(ledger, people, `run-${index}`);
    const naive = await countEach(ledger, people);
    return { admitMs: ours.ms, bytes: ours.bytes, naiveMs: naive.ms, naiveBytes: naive.bytes };
  });
  await ledger.close();
  const perSecond = (ms: number) => rounded((1_000 * PEOPLE) / ms, 0);
  const speed = {
    ...{ bench: "admission", people: PEOPLE, admissionsPerSecond: perSecond(admitMs) },
    ...{ incrExpirePerSecond: perSecond(naiveMs), ratio: rounded(naiveMs / admitMs, 1) },
  };
  const memory = {
    ...{ bench: "cap-memory", people: PEOPLE, bytesAUser: rounded(bytes / PEOPLE) },
    ...{ keyAUserBytes: rounded(naiveBytes / PEOPLE), ratio: rounded(naiveBytes / bytes, 1) },
  };
  return [judged(speed, "ratio", ">=", 3), judged(memory, "bytesAUser", "<=", 12)];
}

type Cost = { readonly ms: number; readonly bytes: number };

async function admit(ledger: Ledger, people: Parameters<Ledger["store"]>[2], account: string): Promise<Cost> {
  const { redis, keys } = ledger;
  const month = monthOf(systemClock.now());
  const campaign = await ledger.store(account, "offer", people);
  const shards = await ledger.openMonth(account, month, people.length);
  const ms = await timeOf(() => ledger.admit.reserve({ ...campaign, month, shards }, month));
  let bytes = Number(await redis.memory("USAGE", keys.caps(account, month)));
  for (let shard = 0; shard < shards; shard++)
    bytes += Number(await redis.memory("USAGE", keys.capShard(account, month, shard), "SAMPLES", 0));
  await ledger.forget(account);
  return { ms, bytes };
}

async function countEach({ redis }: Ledger, people: readonly string[]): Promise<Cost> {
  const before = await usedBytes(redis);
  const keyOf = (openid: string) => `cap:${openid}`;
  const ms = await timeOf(async () => {
    for (let start = 0; start < people.length; start += PIPELINED) {
      const pipeline = redis.pipeline();
      for (const openid of people.slice(start, start + PIPELINED))
        pipeline.incr(keyOf(openid)).expire(keyOf(openid), MONTH_SECONDS);
      await pipeline.exec();
    }
  });
  const bytes = (await usedBytes(redis)) - before;
  for (let start = 0; start < people.length; start += PIPELINED)
    await redis.unlink(people.slice(start, start + PIPELINED).map(keyOf));
  return { ms, bytes };
}

async function usedBytes(redis: Ledger["redis"]): Promise<number> {
  const [, bytes] = /used_memory:(\d+)/.exec(await redis.info("memory")) ?? [];
  return Number(bytes);
}
