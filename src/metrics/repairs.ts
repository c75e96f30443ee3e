import type { Meters } from "./meters.ts";

export function createRepairs({ counter }: Meters) {
  const repairs = counter({
    name: "qunfa_reconciler_repairs_total",
    help: "Jobs that were missing and have been given back",
  });
  return (count: number): void => repairs.inc(count);
}
