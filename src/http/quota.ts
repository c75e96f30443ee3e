import type { Context } from "hono";
import type { QuotaLeft, QuotaState, Stop } from "../campaign/quota.ts";
import { Failure } from "../failure.ts";
import { NoQuery, readQuery } from "./query.ts";

/** How an account's quotas stand, undefined for one that the accounts file does not name. */
export type ReadQuota = (account: string) => Promise<QuotaState | undefined>;

export function createQuotaHandler(readQuota: ReadQuota) {
  return async function show(c: Context) {
    readQuery(c, NoQuery);
    const state = await readQuota(c.req.param("account") ?? "");
    if (!state) throw new Failure("NOT_FOUND", "There is no such account.");
    return c.json(view(state));
  };
}

function view({ day, resetsAt, allCalls, minute, ...apis }: QuotaState) {
  const ofDay = (quota: QuotaLeft) => ({
    ...quota,
    resetsAt: new Date(resetsAt).toISOString(),
    stopped: viewStop(quota.stopped),
  });
  return {
    day,
    send: ofDay(apis.send),
    uploadNews: ofDay(apis.uploadNews),
    delete: ofDay(apis.delete),
    preview: ofDay(apis.preview),
    allCalls: allCalls && ofDay(allCalls),
    minute: { ...minute, stopped: viewStop(minute.stopped) },
  };
}

function viewStop(stop: Stop | null) {
  return stop && { reason: stop.reason, until: new Date(stop.until).toISOString() };
}
