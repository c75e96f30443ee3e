import { createLogger } from "../../src/log.ts";
import { openRedis } from "../../src/store/redis.ts";
import { medianOfPairs, rounded } from "./runs.ts";
import { type Planned, sendPlanned } from "./send-planned.ts";

/** How long a WeChat that is a function thinks: a guess, the real one has 10,000 OpenIDs to read. */
const ANSWER_MS = 50;

const large: Planned = { account: "large", id: "hundred", batches: 100 };
const small: Planned = { account: "small", id: "three", batches: 3 };

/**
 * A campaign of three batches that comes behind one of a hundred, against itself alone: of another account, as
 * it should hardly notice; the same with a WeChat that answers at once, where only our own work counts; and of
 * the same account, with which it takes turns.
 */
export async function measureFairness(url: string): Promise<object> {
  const { redis, close } = await openRedis([url], "worker", createLogger("silent"));
  let runs = 0;
  const timeOfSmall = async (campaigns: readonly Planned[], answerMs: number) => {
    const endedAt = await sendPlanned({ url, redis, name: `fair-${runs++}` }, campaigns, { answerMs });
    return endedAt.at(-1) ?? Number.NaN;
  };
  const behind = async (first: Planned, answerMs: number) => {
    const { ours, beside, ratio } = await medianOfPairs(
      () => timeOfSmall([small], answerMs),
      () => timeOfSmall([first, small], answerMs),
    );
    return {
      ...{ answerMs, threeBehindMs: rounded(beside, 0), threeAloneMs: rounded(ours, 0) },
      ratio: rounded(ratio),
    };
  };
  const figures = {
    bench: "fairness",
    ...(await behind(large, ANSWER_MS)),
    answeredAtOnce: await behind(large, 0),
    sameAccount: await behind({ ...large, account: small.account }, ANSWER_MS),
  };
  await close();
  return figures;
}
