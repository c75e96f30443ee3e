import type { Api } from "./api.ts";
import type { ChaosCampaign } from "./campaigns.ts";
import type { AccountEvidence, Problem } from "./evidence.ts";
import { gatherAccount } from "./gather.ts";
import { judgeAccount } from "./judge.ts";
import { judgeLogFiles } from "./judge-logs.ts";
import type { ChaosStack } from "./stack.ts";

/** What had to be said of a Redis that was killed under a process that was starting. */
const REDIS_AWAY = /^REDIS_AWAY: /;

type Parts = {
  readonly api: Api;
  readonly sandbox: Api;
  readonly stack: ChaosStack;
  readonly campaigns: readonly ChaosCampaign[];
  readonly followers: ReadonlyMap<string, readonly string[]>;
  readonly sendCallsPerDay: number;
  readonly callsLostMost: number;
};

/** Every account by WeChat's own books and by the API, one after the other: their lists are long. */
export async function judgeBooks(parts: Parts) {
  const { api, sandbox, campaigns, sendCallsPerDay, callsLostMost } = parts;
  const evidence: AccountEvidence[] = [];
  const problems: Problem[] = [];
  for (const [account, followers] of parts.followers) {
    const plan = { campaigns, followers, sendCallsPerDay, callsLostMost };
    const one = await gatherAccount({ api, sandbox }, account, plan);
    problems.push(...judgeAccount(one));
    evidence.push(one);
  }
  return { evidence, problems };
}

/** What the processes have written, and whether one has ended that nobody killed. */
export function judgeProcesses(
  { stack, followers }: Pick<Parts, "stack" | "followers">,
  redisKills: number,
): Problem[] {
  const people = new Set([...followers.values()].flat());
  const expected = (line: string) => redisKills > 0 && REDIS_AWAY.test(line);
  return [
    ...stack.falls().map(({ name, code, signal }): Problem => {
      return { kind: "process", says: `${name} has ended by itself: ${signal ?? `exit code ${code}`}` };
    }),
    ...judgeLogFiles(stack.logFiles, { secrets: stack.secrets, people, expected }),
  ];
}
