import type { FailureCode } from "../failure.ts";

/** `warn` is worth knowing and fails nothing; `skip`: what it needs is missing. */
export type Check = {
  readonly check: "accounts" | "redis" | "version" | "eviction" | "appendOnly" | "clock" | "workers";
  readonly state: "ok" | "warn" | "fail" | "skip";
  readonly found: string | number | null;
  /** Why it fails: the exit code is that of the first. */
  readonly code?: FailureCode;
};
