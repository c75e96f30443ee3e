import { type Command, Option } from "commander";
import type { Account } from "../campaign/account.ts";
import type { FailureCode } from "../failure.ts";
import type { Skew } from "../store/redis-clock.ts";
import { isTooOld, type RedisServer } from "../store/redis-server.ts";
import { type Activity, tellActive } from "./account-active.ts";
import { type Checkup, checkAccount } from "./account-check.ts";
import { type Check, look } from "./check.ts";
import { type DoctorWords, doctorWordsIn } from "./doctor-words.ts";
import type { Answer } from "./run.ts";
import { type Terminal, tableOf } from "./terminal.ts";
import { urlIn } from "./url-in.ts";

/** A Redis that answers, be it as it may; `isAlone`: a cluster of which one node alone is named. */
export type Patient = {
  readonly server: RedisServer & { readonly isAlone: boolean };
  readonly measureSkew: () => Promise<Skew>;
  readonly countWorkers: () => Promise<number>;
  readonly activityOf: (account: string) => Promise<Activity>;
  readonly close: () => Promise<void>;
};

/** What `doctor` looks at; `compose-doctor.ts` hands it over. */
export type Doctor = {
  /** @throws Failure BAD_CONFIG */
  readonly readAccounts: () => readonly Account[];
  /** Of a configuration that could be read. */
  readonly checkup: () => Checkup;
  /** Whether it is said where Redis is, whatever else of the configuration is wrong. */
  readonly knowsRedis: () => boolean;
  /** Today, by the ledger. Throws REDIS_AWAY. */
  readonly readSendsLeft: (account: Account) => Promise<number>;
  /** @throws Failure REDIS_AWAY, BAD_REDIS */
  readonly connect: () => Promise<Patient>;
};

/** What can be asked of a Redis that answers. */
const OF_REDIS = ["version", "eviction", "appendOnly", "cluster", "clock", "workers"] as const;

type Options = { url?: string; offline?: true };

/** `qunfa doctor`: whether processes could work with this configuration, Redis and clock. */
export function addDoctor(
  program: Command,
  open: () => Promise<Doctor>,
  tell: (answer: Answer) => void,
  { language, paint }: Terminal,
): void {
  const words = doctorWordsIn[language];
  program
    .command("doctor")
    .description(words.about)
    .option("--url <url>", words.url, urlIn(language))
    .addOption(new Option("--offline", words.offline).conflicts("url"))
    .addHelpText("after", words.after.join("\n"))
    .action(async (options: Options) => tell(tellChecks(await examine(await open(), options), words, paint)));
}

async function examine(doctor: Doctor, { url, offline }: Options): Promise<Check[]> {
  let all: readonly Account[] = [];
  const accounts = await look("accounts", async () => {
    all = doctor.readAccounts();
    return all.length;
  });
  // A REDIS_URL that is wrong itself has been told of with the rest.
  if (!doctor.knowsRedis()) return [accounts, ...skipped("redis", ...OF_REDIS)];
  const outside = offline ? [] : all.map((account) => checkAccount(doctor.checkup(), account, url));
  const [redis, ...ofAccounts] = await Promise.all([examineRedisOf(doctor, all), ...outside]);
  return [accounts, ...redis, ...ofAccounts.flat()];
}

async function examineRedisOf(doctor: Doctor, accounts: readonly Account[]): Promise<Check[]> {
  let patient: Patient | undefined;
  const redis = await look("redis", async () => {
    patient = await doctor.connect();
    return null;
  });
  if (!patient)
    return [redis, ...skipped(...OF_REDIS), ...accounts.map(({ id }) => tellActive(id, undefined))];
  try {
    const ofAccounts = accounts.map(async ({ id }) => tellActive(id, await patient?.activityOf(id)));
    return [redis, ...(await examineRedis(patient)), ...(await Promise.all(ofAccounts))];
  } finally {
    await patient.close();
  }
}

async function examineRedis({ server, measureSkew, countWorkers }: Patient): Promise<Check[]> {
  const { version, policy, appendOnly, ofCluster, isAlone } = server;
  const { skewMs, isOff } = await measureSkew();
  const loses = policy !== "noeviction";
  return [
    judge("version", version, isTooOld(server) && "BAD_REDIS"),
    judge("eviction", policy, loses && "BAD_REDIS"),
    judge("appendOnly", appendOnly ? "yes" : "no", !appendOnly && "BAD_REDIS"),
    judge("cluster", ofCluster ? "cluster" : "single", isAlone && "BAD_REDIS"),
    judge("clock", skewMs, isOff && "CLOCK_OFF"),
    // None starts on a Redis that may lose keys.
    ...(loses ? skipped("workers") : [tellWorkers(await countWorkers())]),
  ];
}

function tellWorkers(found: number): Check {
  return { check: "workers", state: found > 0 ? "ok" : "warn", found };
}

function skipped(...checks: readonly Check["check"][]): Check[] {
  return checks.map((check) => ({ check, state: "skip", found: null }));
}

function judge(check: Check["check"], found: string | number, fails: FailureCode | false): Check {
  return fails ? { check, state: "fail", found, code: fails } : { check, state: "ok", found };
}

const COLOURS = { ok: "green", warn: "yellow", fail: "red", skip: undefined } as const;

/** What the checks have found, failed with the first that did. */
export function tellChecks(
  checks: readonly Check[],
  { names, of, states, tell }: DoctorWords,
  paint: Terminal["paint"],
): Answer {
  const rows = checks.map(({ check, account, state, found }) => [
    account === undefined ? names[check] : of(names[check], account),
    { painted: paint(COLOURS[state], states[state]) },
    found === null ? "" : (tell[check]?.(found) ?? String(found)),
  ]);
  const failed = checks.find(({ state }) => state === "fail")?.code;
  return {
    text: tableOf(rows, ["left", "left", "left"]),
    data: { ok: failed === undefined, checks },
    rows: checks,
    failed,
  };
}
