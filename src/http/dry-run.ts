import type { Context } from "hono";
import type { DryRun } from "../campaign/dry-run.ts";
import { isoTime } from "./iso-time.ts";
import { readJson } from "./json-body.ts";
import { NoQuery, readQuery } from "./query.ts";

/** The plan without effect (docs/dry-run.md). `dryRun` throws BAD_CAMPAIGN for a body that is no campaign. */
export function createDryRunHandler(dryRun: (data: unknown) => Promise<DryRun>) {
  return async (c: Context) => {
    readQuery(c, NoQuery);
    const { audience, reason, calls, batches, finishesAt } = await dryRun(await readJson(c.req.raw));
    return c.json({
      audience,
      reason,
      calls,
      batches: batches.map(({ number, size, at }) => ({ number, size, at: isoTime(at) })),
      finishesAt: isoTime(finishesAt),
    });
  };
}
