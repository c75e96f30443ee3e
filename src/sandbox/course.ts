import type { JobFaults } from "./faults.ts";

/** What will become of an accepted job: how it ends, when, and how its end is told. */
export type Course = {
  status: "send success" | "send fail" | `err(${number})`;
  /** Sent although the check found another's article, in the style that its author wants. */
  reprinted: boolean;
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

/** What the originality check cares about in a message (WECHAT.md section 11). */
export type Original = { article: boolean; ignoreReprint: boolean };

export function plotCourse(
  faults: JobFaults,
  delayMs: number,
  original: Original = { article: false, ignoreReprint: false },
): Course {
  const { stuck, deleted } = faults;
  const status = statusOf(faults, original);
  const failed = status !== "send success";
  return {
    status,
    reprinted: !failed && original.article && faults.reprint !== undefined,
    pollStatus: deleted ? "DELETE" : failed ? "SEND_FAIL" : "SEND_SUCCESS",
    copies: faults["no-callback"] ? 0 : (faults["double-callback"]?.copies ?? 1),
    padded: faults["padded-callback"] !== undefined,
    bare: faults["bare-callback"] !== undefined,
    ...timing(faults, stuck ? (stuck.ms ?? null) : delayMs),
  };
}

/** As a job ends that an administrator refused, or left alone for half an hour. */
export function unconfirmed(course: Course, verdict: "refused" | "timeout"): Course {
  const status = verdict === "refused" ? "err(40001)" : "err(40002)";
  return { ...course, status, reprinted: false, pollStatus: "SEND_FAIL" };
}

function statusOf(faults: JobFaults, { article, ignoreReprint }: Original): Course["status"] {
  if (faults.err) return `err(${faults.err.err ?? 0})`;
  if (article && faults["reprint-forbidden"]) return "err(30002)";
  if (article && faults.reprint && !ignoreReprint) return "err(30003)";
  if (article && faults["originality-down"] && !ignoreReprint) return "err(30001)";
  return faults["send-fail"] ? "send fail" : "send success";
}

function timing(faults: JobFaults, delayMs: number | null): Pick<Course, "from" | "delayMs"> {
  if (faults["callback-before-reply"]) return { from: "before-reply", delayMs: 0 };
  const after = faults["callback-after"]?.ms;
  return after === undefined ? { from: "acceptance", delayMs } : { from: "after-reply", delayMs: after };
}
