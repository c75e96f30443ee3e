import type { Command } from "commander";
import { Failure, type FailureCode } from "../failure.ts";
import type { Skew } from "../store/redis-clock.ts";
import { isTooOld, type RedisServer } from "../store/redis-server.ts";
import type { Check } from "./check.ts";
import { type DoctorWords, doctorWordsIn } from "./doctor-words.ts";
import { type Terminal, tableOf } from "./terminal.ts";

/** A Redis that answers, be it as it may. */
export type Patient = {
  readonly server: RedisServer;
  readonly measureSkew: () => Promise<Skew>;
  readonly countWorkers: () => Promise<number>;
  readonly close: () => Promise<void>;
};

/** What `doctor` looks at; `compose-doctor.ts` hands it over. */
export type Doctor = {
  /** @throws Failure BAD_CONFIG */
  readonly readAccounts: () => readonly { readonly id: string }[];
  /** @throws Failure REDIS_AWAY */
  readonly connect: () => Promise<Patient>;
};

/** What can be asked of a Redis that answers. */
const OF_REDIS = ["version", "eviction", "appendOnly", "clock", "workers"] as const;

/** Tells how the checks came out, and the code of the first that failed. */
export type TellChecks = (checks: { text: string; data: unknown; failed: FailureCode | undefined }) => void;

/** `qunfa doctor`: whether processes could work with this configuration, Redis and clock. */
export function addDoctor(
  program: Command,
  open: () => Promise<Doctor>,
  tell: TellChecks,
  { language }: Terminal,
): void {
  const words = doctorWordsIn[language];
  program
    .command("doctor")
    .description(words.about)
    .addHelpText("after", words.after.join("\n"))
    .action(async () => {
      const checks = await examine(await open());
      const failed = checks.find(({ state }) => state === "fail")?.code;
      tell({ text: tableOfChecks(checks, words), data: { ok: failed === undefined, checks }, failed });
    });
}

async function examine(doctor: Doctor): Promise<Check[]> {
  const accounts = await look("accounts", async () => doctor.readAccounts().length);
  // Where Redis is stands in the same configuration.
  if (accounts.state === "fail") return [accounts, ...skipped("redis", ...OF_REDIS)];
  let patient: Patient | undefined;
  const redis = await look("redis", async () => {
    patient = await doctor.connect();
    return null;
  });
  if (!patient) return [accounts, redis, ...skipped(...OF_REDIS)];
  try {
    return [accounts, redis, ...(await examineRedis(patient))];
  } finally {
    await patient.close();
  }
}

async function examineRedis({ server, measureSkew, countWorkers }: Patient): Promise<Check[]> {
  const { version, policy, appendOnly } = server;
  const { skewMs, isOff } = await measureSkew();
  const loses = policy !== "noeviction";
  return [
    judge("version", version, isTooOld(server) && "BAD_REDIS"),
    judge("eviction", policy, loses && "BAD_REDIS"),
    judge("appendOnly", appendOnly ? "yes" : "no", !appendOnly && "BAD_REDIS"),
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

/** Expected trouble is what a check finds. */
async function look(check: Check["check"], deed: () => Promise<number | null>): Promise<Check> {
  try {
    return { check, state: "ok", found: await deed() };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { check, state: "fail", found: error.message, code: error.code };
  }
}

function tableOfChecks(checks: readonly Check[], { names, states, tell }: DoctorWords): string {
  const rows = checks.map(({ check, state, found }) => [
    names[check],
    states[state],
    found === null ? "" : (tell[check]?.(found) ?? String(found)),
  ]);
  return tableOf(rows, ["left", "left", "left"]);
}
