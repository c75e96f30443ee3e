import type { JobFaults } from "./faults.ts";

/** What will become of an accepted job: how it ends, when, and how its end is told. */
export type Course = {
  status: "send success" | "send fail" | `err(${number})`;
  pollStatus: "SEND_SUCCESS" | "SEND_FAIL" | "DELETE";
  /** The delay is counted from here. */
  from: "acceptance" | "before-reply" | "after-reply";
  /** Null: it never ends. */
  delayMs: number | null;
  /** How often the result is pushed. */
  copies: number;
  /** Spaces around the texts, as some accounts' pushes have them (WECHAT.md section 6.3). */
  padded: boolean;
  /** Without the two result nodes, as in older pushes. */
  bare: boolean;
};

export function plotCourse(faults: JobFaults, delayMs: number): Course {
  const { err, stuck, deleted } = faults;
  const status = err ? (`err(${err.err ?? 0})` as const) : faults["send-fail"] ? "send fail" : "send success";
  const failed = status !== "send success";
  return {
    status,
    pollStatus: deleted ? "DELETE" : failed ? "SEND_FAIL" : "SEND_SUCCESS",
    copies: faults["no-callback"] ? 0 : (faults["double-callback"]?.copies ?? 1),
    padded: faults["padded-callback"] !== undefined,
    bare: faults["bare-callback"] !== undefined,
    ...timing(faults, stuck ? (stuck.ms ?? null) : delayMs),
  };
}

function timing(faults: JobFaults, delayMs: number | null): Pick<Course, "from" | "delayMs"> {
  if (faults["callback-before-reply"]) return { from: "before-reply", delayMs: 0 };
  const after = faults["callback-after"]?.ms;
  return after === undefined ? { from: "acceptance", delayMs } : { from: "after-reply", delayMs: after };
}
