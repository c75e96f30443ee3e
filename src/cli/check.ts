import { Failure, type FailureCode } from "../failure.ts";

/** `warn` is worth knowing and fails nothing; `skip`: what it needs is missing. */
export type Check = {
  readonly check:
    | "accounts"
    | "redis"
    | "version"
    | "eviction"
    | "appendOnly"
    | "cluster"
    | "clock"
    | "workers"
    | "active"
    | "token"
    | "callback"
    | "quota";
  /** Where it is about one account, whose. */
  readonly account?: string;
  readonly state: "ok" | "warn" | "fail" | "skip";
  readonly found: string | number | null;
  /** Why it fails: the exit code is that of the first. */
  readonly code?: FailureCode;
};

/** Expected trouble is what a check finds, with what a person can do about it. */
export async function look(
  check: Check["check"],
  deed: () => Promise<Check["found"]>,
  of: Pick<Check, "account"> = {},
): Promise<Check> {
  try {
    return { check, ...of, state: "ok", found: await deed() };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { remedy } = error.details;
    const message = error.message.replaceAll(/\s*\n\s*/g, "; ");
    const found = typeof remedy === "string" ? `${message}. ${remedy}` : message;
    return { check, ...of, state: "fail", found, code: error.code };
  }
}
