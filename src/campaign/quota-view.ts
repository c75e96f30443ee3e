import { z } from "zod";
import { WaitReason } from "./batch.ts";
import type { QuotaBlock, QuotaLeft, QuotaState } from "./quota.ts";

const count = z.int().nonnegative();
const IsoTime = z.iso.datetime();
const Stopped = z.object({ reason: WaitReason, until: IsoTime }).nullable();

const DayQuota = z
  .object({
    limit: count,
    used: z.int(),
    external: z.int().describe("Of the used ones: those of which only WeChat's own count tells."),
    held: z.int().describe("Reserved for calls to come."),
    left: count,
    resetsAt: IsoTime,
    stopped: Stopped.describe("Why WeChat has stopped it, whatever our count says."),
  })
  .meta({ id: "DayQuota" });

export const QuotaView = z
  .object({
    day: z.string().describe("Of Asia/Shanghai."),
    send: DayQuota,
    uploadNews: DayQuota,
    delete: DayQuota,
    preview: DayQuota,
    allCalls: DayQuota.nullable().describe("The budget over all of them, of an account that has one."),
    minute: z.object({ limit: count, used: count, stopped: Stopped }),
  })
  .meta({ id: "Quota" });
export type QuotaView = z.infer<typeof QuotaView>;

/** Quotas as callers see them, over HTTP (CONTRACT section 5) or by `qunfa account quota -o json`. */
export function viewQuota({ day, resetsAt, allCalls, minute, ...apis }: QuotaState): QuotaView {
  const ofDay = (quota: QuotaLeft) => ({
    ...quota,
    resetsAt: iso(resetsAt),
    stopped: viewBlock(quota.stopped),
  });
  return {
    day,
    send: ofDay(apis.send),
    uploadNews: ofDay(apis.uploadNews),
    delete: ofDay(apis.delete),
    preview: ofDay(apis.preview),
    allCalls: allCalls && ofDay(allCalls),
    minute: { ...minute, stopped: viewBlock(minute.stopped) },
  };
}

function viewBlock(block: QuotaBlock | null) {
  return block && { reason: block.reason, until: iso(block.until) };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
