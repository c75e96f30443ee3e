import type { Meters } from "./meters.ts";

/** WeChat waits for nobody's night: results of some accounts come after hours. */
const DELAY_BUCKETS = [1, 5, 15, 60, 300, 900, 1_800, 3_600, 7_200, 21_600, 86_400];

/** How long WeChat took from accepting a send to its result. */
export function createCallbackDelay({ histogram }: Meters) {
  const delay = histogram({
    name: "qunfa_callback_delay_seconds",
    help: "From a send's acceptance to its result by callback",
    labels: ["account"],
    buckets: DELAY_BUCKETS,
  });
  return (account: string, seconds: number): void => delay.observe({ account }, Math.max(0, seconds));
}

/** Why a handler at `forwardTo` did not take a callback. */
export const FORWARD_FAILURES = ["refused", "no-answer", "given-up", "left-out"] as const;
export type ForwardFailure = (typeof FORWARD_FAILURES)[number];

/** What comes in at the callback URL, and what becomes of it. */
export function createCallbackCounters({ counter }: Meters, accounts: readonly string[]) {
  const stored = counter({
    name: "qunfa_callbacks_total",
    help: "Callbacks stored, repeats included",
    labels: ["account", "kind"],
  });
  const refused = counter({
    name: "qunfa_callbacks_refused_total",
    help: "Callbacks refused",
    labels: ["account", "code"],
  });
  const forwards = counter({
    name: "qunfa_forward_failures_total",
    help: "Callbacks that forwardTo did not take",
    labels: ["account", "reason"],
  });
  for (const account of accounts) {
    stored.inc({ account, kind: "mass-result" }, 0);
    for (const code of ["BAD_SIGNATURE", "BAD_CALLBACK"]) refused.inc({ account, code }, 0);
    for (const reason of FORWARD_FAILURES) forwards.inc({ account, reason }, 0);
  }
  return {
    store: (account: string, kind: string): void => stored.inc({ account, kind }),
    refuse: (account: string, code: string): void => refused.inc({ account, code }),
    failForward: (account: string, reason: ForwardFailure): void => forwards.inc({ account, reason }),
  };
}
