import { z } from "zod";
import { WindowTimes, windowOf } from "./window.ts";

const error = "expected a moment with its offset, such as 2026-12-01T09:00:00+08:00";
const moment = z.union([z.iso.datetime({ offset: true }), z.iso.datetime({ offset: true, precision: -1 })], {
  error,
});

/** When a campaign may be sent (CONTRACT section 4). A deadline that has passed is no mistake: it cancels. */
export const Schedule = z
  .strictObject({
    startAt: moment.optional(),
    window: WindowTimes.optional().describe("Sends only then, Asia/Shanghai; from > to spans midnight."),
    deadline: moment.optional().describe("What is not sent by then is canceled."),
  })
  .refine(({ startAt, deadline }) => !startAt || !deadline || Date.parse(deadline) > Date.parse(startAt), {
    path: ["deadline"],
    error: "expected a moment after startAt",
  });
export type Schedule = z.infer<typeof Schedule>;

/** A schedule as a campaign's record holds it: milliseconds, and minutes of the Shanghai day. */
export function scheduleOf({ startAt, window, deadline }: Schedule) {
  const minutes = window && windowOf(window);
  return {
    startAt: startAt === undefined ? undefined : Date.parse(startAt),
    deadline: deadline === undefined ? undefined : Date.parse(deadline),
    windowFrom: minutes?.from,
    windowTo: minutes?.to,
  };
}
