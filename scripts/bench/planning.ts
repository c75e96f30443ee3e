import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { projectRoot } from "../project-root.mjs";
import { judged, mediansOf, tell } from "./figures.ts";
import { type Ledger, newPeople, openLedger } from "./ledger.ts";
import { admitIntoOneHash } from "./one-hash.ts";
import { rounded } from "./runs.ts";

const NAME = "planning";
const SMALL = 300_000;
const MILLION = 1_000_000;
const LARGE = 3_000_000;
const WARM_UP = 50_000;

/** What is kept of Redis's calls: those that took so long, the last so many. */
const SLOW_MICROSECONDS = 300;
const SLOW_CALLS = 10_000;

const run = promisify(execFile);
const planningProcess = join(projectRoot, "dist/scripts/bench/planning-process.js");

const Outcome = z.object({ ms: z.number(), peakMb: z.number() });

/** One entry of SLOWLOG GET: number, time, microseconds, arguments. */
const SlowCall = z.tuple([z.number(), z.number(), z.number(), z.array(z.string())]).rest(z.unknown());

/**
 * From a stored list to batches ready, in a process that does only this, against a process that reads and
 * de-duplicates the same list in memory.
 */
export async function measurePlanning(url: string): Promise<object[]> {
  const ledger = await openLedger(url, NAME, LARGE);
  await ledger.redis.config("SET", "slowlog-log-slower-than", String(SLOW_MICROSECONDS));
  await ledger.redis.config("SET", "slowlog-max-len", String(SLOW_CALLS));
  const lists = await storeLists(ledger);

  const figures = await mediansOf(async (index) => {
    tell(`planning 300,000, 1,000,000 and 3,000,000 people, run ${index + 1}`);
    const small = await measure(SMALL, index);
    const million = await measure(MILLION, index);
    const large = await measure(LARGE, index);
    const oneHashCallMs = await longestCallOf(() => admitIntoOneHash(ledger, lists(MILLION)));
    return {
      ...{ smallMs: small.plan.ms, smallNaiveMs: small.naive.ms },
      ...{ planMs: million.plan.ms, naiveMs: million.naive.ms },
      ...{ longestCallMs: million.plan.longestCallMs, oneHashCallMs },
      ...{ largeMs: large.plan.ms, largeNaiveMs: large.naive.ms },
      ...{ peakMb: large.plan.peakMb, naivePeakMb: large.naive.peakMb },
    };
  });
  await ledger.close();
  return linesOf(figures);

  async function measure(people: number, index: number) {
    const plan = await measureOne("plan", people, index);
    return { plan, naive: await measureOne("naive", people, index) };
  }

  async function measureOne(deed: "plan" | "naive", people: number, index: number) {
    const account = `${deed}-${people}-${index}`;
    for (const list of [lists(WARM_UP), lists(people)]) {
      const campaign = await ledger.takeIn(account, list.id, list.audience.received, list.chunks);
      await ledger.redis.copy(
        ledger.keys.list(list.account, list.id),
        ledger.keys.list(account, campaign.id),
      );
    }
    let stdout = "";
    const longestCallMs = await longestCallOf(async () => {
      const args = [url, NAME, deed, String(people), account, lists(WARM_UP).id, lists(people).id];
      ({ stdout } = await run(process.execPath, [planningProcess, ...args]));
    });
    await ledger.forget(account);
    return { ...Outcome.parse(JSON.parse(stdout)), longestCallMs };
  }

  /** The longest single call that Redis answered meanwhile, in milliseconds. */
  async function longestCallOf(deed: () => Promise<void>): Promise<number> {
    await ledger.redis.slowlog("RESET");
    await deed();
    const calls = z.array(SlowCall).parse(await ledger.redis.slowlog("GET", SLOW_CALLS));
    return Math.max(...calls.map(([, , microseconds]) => microseconds)) / 1_000;
  }
}

/** The lists that every run takes a copy of, by their length. */
async function storeLists({ store }: Ledger) {
  const lists = new Map<number, Awaited<ReturnType<typeof store>>>();
  for (const people of [WARM_UP, SMALL, MILLION, LARGE]) {
    tell(`storing a list of ${people.toLocaleString("en")}`);
    lists.set(people, await store("lists", `of-${people}`, newPeople(people)));
  }
  return (people: number) => lists.get(people) as Awaited<ReturnType<typeof store>>;
}

type Figures = Awaited<ReturnType<typeof mediansOf>>;

function linesOf(figures: Figures): object[] {
  const {
    planMs = 0,
    naiveMs = 0,
    longestCallMs = 0,
    oneHashCallMs = 0,
    peakMb = 0,
    naivePeakMb = 0,
  } = figures;
  const { smallMs = 0, smallNaiveMs = 0, largeMs = 0, largeNaiveMs = 0 } = figures;
  const perUser = (ms: number, people: number) => rounded((1_000 * ms) / people);
  const growthOf = (small: number, large: number) => rounded(large / LARGE / (small / SMALL));
  const planning = {
    ...{ bench: "planning", people: MILLION, planMs: rounded(planMs, 0) },
    ...{ readAndDedupeMs: rounded(naiveMs, 0), ratio: rounded(planMs / naiveMs) },
  };
  const growth = {
    ...{ bench: "planning-growth", people: LARGE, besidePeople: SMALL },
    ...{ microsecondsAUser: perUser(largeMs, LARGE), besideMicrosecondsAUser: perUser(smallMs, SMALL) },
    ...{ ratio: growthOf(smallMs, largeMs), readAndDedupeRatio: growthOf(smallNaiveMs, largeNaiveMs) },
  };
  const memory = {
    ...{ bench: "planning-memory", people: LARGE, peakMb: rounded(peakMb, 0) },
    ...{ readAndDedupePeakMb: rounded(naivePeakMb, 0), ratio: rounded(naivePeakMb / peakMb) },
  };
  const longest = {
    ...{ bench: "longest-call", people: MILLION, longestMs: rounded(longestCallMs) },
    ...{ oneHashLongestMs: rounded(oneHashCallMs), ratio: rounded(oneHashCallMs / longestCallMs) },
  };
  return [
    judged(longest, "longestMs", "<=", 10),
    judged(planning, "ratio", "<=", 3),
    judged(growth, "ratio", "<=", 1.5),
    judged(memory, "peakMb", "<=", 300),
  ];
}
