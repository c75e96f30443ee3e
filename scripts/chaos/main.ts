import { SingleBar } from "cli-progress";
import { openOwnFolder } from "../own-folder.ts";
import { printLine } from "../print-line.ts";
import { runScript } from "../script-life.ts";
import { createApi } from "./api.ts";
import { calmDown } from "./calm.ts";
import { followersOf } from "./campaigns.ts";
import type { Problem } from "./evidence.ts";
import { figuresOf } from "./figures.ts";
import { judgeBooks, judgeProcesses } from "./judgement.ts";
import { readOptions } from "./options.ts";
import { openPerson } from "./person.ts";
import { openProducer } from "./producer.ts";
import { drawSchedule } from "./schedule.ts";
import { openChaosStack } from "./stack.ts";
import { createStorm } from "./storm.ts";

const ACCOUNTS = ["north", "east", "south", "west"];

/** Of an account: WeChat's own hundred, unless a run is to send more. */
const SEND_CALLS_PER_DAY = 100;

/** A storm, a calm in which everything has to end, and a judgement by WeChat's own books. */
await runScript(async (life) => {
  const options = readOptions(process.argv);
  const { seed, seconds, batches, redisKills } = options;
  const drawn = { seed, stormMs: seconds * 1_000, batches, redisKills, accounts: ACCOUNTS };
  const { campaigns, followers: count, events } = drawSchedule(drawn);
  printLine({
    chaos: "schedule",
    ...options,
    campaigns: campaigns.length,
    followers: count,
    events: events.length,
  });

  const dir = openOwnFolder(life, "chaos", options.keep);
  const followers = new Map(ACCOUNTS.map((account) => [account, followersOf(account, count)]));
  const sendCallsPerDay = Math.max(SEND_CALLS_PER_DAY, batches);
  const stack = await life.owns(
    openChaosStack({ dir, accounts: ACCOUNTS, followers: count, seed, sendCallsPerDay }),
  );
  const api = createApi(stack.url, stack.key);
  const sandbox = createApi(stack.sandboxUrl);
  const producer = openProducer(stack.redisUrl, (account) => followers.get(account) ?? []);
  life.onEnd((wentWell) => wentWell && producer.close());
  const bar = new SingleBar({ format: "{bar} {value}/{total} campaigns, {phase}", stream: process.stderr });
  bar.start(campaigns.length, 0, { phase: "storm" });
  life.onEnd(() => bar.stop());
  const person = openPerson(api, (shown) => bar.update(shown.filter(({ report }) => report).length));
  life.onEnd(person.close);

  const storm = createStorm({ stack, api, sandbox, producer });
  await storm.rage(events);
  const faults = await storm.calmDown();
  printLine({ chaos: "storm", ...storm.totals, faults });
  bar.update({ phase: "calm" });
  const calmAt = Date.now();
  const parts = { api, sandbox, producer, person, stack, accounts: ACCOUNTS, campaigns, followers };
  const problems: Problem[] = await calmDown(parts, options.calm * 1_000);
  const calmSeconds = (Date.now() - calmAt) / 1_000;

  bar.update({ phase: "judgement" });
  const callsLostMost = storm.totals.kills + storm.totals.redisKills;
  const judged =
    problems.length > 0
      ? { evidence: [], problems: [] }
      : await judgeBooks({ ...parts, sendCallsPerDay, callsLostMost });
  problems.push(...judged.problems, ...judgeProcesses(parts, storm.totals.redisKills));
  const figures = figuresOf(judged.evidence, problems);
  if (judged.evidence.length > 0 && figures.accepted < batches)
    problems.push({ kind: "run", says: `only ${figures.accepted} batches went out` });
  bar.stop();
  const { kills } = storm.totals;
  printLine({
    chaos: "figures",
    ...{ seed, seconds, calmSeconds, kills, redisKills: storm.totals.redisKills },
    ...{ startsWithoutRedis: stack.fallsWithoutRedis(), resumes: person.resumes() },
    faults: Object.values(faults).reduce((sum, struck) => sum + struck, 0),
    ...figures,
    problems,
  });
  if (problems.length > 0) process.exitCode = 1;
});
