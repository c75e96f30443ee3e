import type { DryRun } from "../campaign/dry-run.ts";
import type { SendWords } from "./send-words.ts";
import { count, moment, tableOf } from "./terminal.ts";

/** Batches that are shown one by one. */
const SHOWN = 10;

/** A plan as the API shows it. */
export function viewPlan({ batches, finishesAt, ...plan }: DryRun) {
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  return {
    ...plan,
    batches: batches.map(({ at, ...batch }) => ({ ...batch, at: iso(at) })),
    finishesAt: iso(finishesAt),
  };
}

/** Who would get it, in how many calls, and when. */
export function tellPlan({ audience, calls, batches, reason }: DryRun, { plan }: SendWords): string {
  const lines: string[] = [];
  if (audience) {
    const { admitted, received } = audience;
    const left = (["invalid", "duplicate", "excluded", "capped"] as const)
      .filter((kind) => audience[kind] > 0)
      .map((kind) => `${plan.left[kind]} ${count(audience[kind])}`);
    const told = left.length > 0 ? ` (${left.join(", ")})` : "";
    lines.push(`${plan.people(count(admitted), count(received))}${told}`);
  } else if (reason !== "AUDIENCE_UNKNOWN") lines.push(plan.unknown);
  lines.push(plan.calls(calls.needed === null ? "?" : count(calls.needed), count(calls.leftToday)));
  if (batches.length > 0) {
    const rows = batches
      .slice(0, SHOWN)
      .map(({ number, size, at }) => [
        ...[count(number), size === null ? "?" : count(size)],
        at === null ? plan.never : moment(at),
      ]);
    lines.push(tableOf([plan.columns, ...rows], ["right", "right", "left"]));
  }
  if (batches.length > SHOWN) lines.push(plan.more(count(batches.length - SHOWN)));
  if (reason) lines.push(plan.reasons[reason]);
  return lines.join("\n");
}
