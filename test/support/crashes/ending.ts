import { both, type CrashPoint } from "./point.ts";

const two = [2, 2] as const;
const accepted = "sending; 2 accepted; 2 calls";
const half = "sending; 1 accepted, 1 succeeded; 2 calls";
const closed = "sending; 2 succeeded; 2 calls";
const ended = "completed; 2 succeeded; 2 calls";

/** A worker killed between WeChat's result and the report. */
export const ending: readonly CrashPoint[] = [
  ...both(
    "wake",
    { write: "bullmq:promote", of: /:campaigns:/, does: "the campaign is woken", last: true },
    [closed, "The batch's job is run again and wakes its campaign.", two],
    [closed, "The campaign's job looks; the batch's is run again and ends.", two],
  ),
  ...both(
    "finish",
    { write: "bullmq:moveToFinished", of: /:batches:/, does: "a batch's job ends", last: true },
    [closed, "The batch's job is run again, finds it closed and ends.", two],
    [closed, "The batch is done with.", two],
  ),
  ...both(
    "settle",
    { write: "settle", does: "end and report of the campaign", last: true },
    [closed, "The batches are added up again.", two],
    [ended, "The stored report becomes the job's return value.", two],
  ),
  ...both(
    "return",
    { write: "bullmq:moveToFinished", of: /:campaigns:/, does: "the campaign's job ends", last: true },
    [ended, "The stored report becomes the job's return value.", two],
    [ended, "The producer has its report.", two],
  ),
];

/** The same when no callback comes, and WeChat is asked. */
export const polling: readonly CrashPoint[] = [
  ...both(
    "poll",
    { write: "note-poll", does: "a place among the minute's calls", polled: true },
    [accepted, "WeChat is asked by the next worker.", two],
    [accepted, "WeChat is asked after the next wait.", two],
  ),
  ...both(
    "answer",
    { write: "close-batch", does: "WeChat's answer to a poll", polled: true },
    [accepted, "WeChat is asked again after the next wait.", two],
    [half, "The batch's job is run again and wakes its campaign.", two],
  ),
];

/** The server killed while it takes in a result: WeChat, not having heard, pushes it again. */
export const callback: readonly CrashPoint[] = [
  ...both(
    "inbox",
    { write: "keep-result", does: "whose result is it", last: true },
    [half, "Not acknowledged: WeChat pushes it again, and it counts.", two],
    [half, "It is owned, so nothing was kept; pushed again, it counts.", two],
  ),
  ...both(
    "result",
    { write: "close-batch", does: "the result closes its batch", last: true },
    [half, "Not acknowledged: WeChat pushes it again, and it counts.", two],
    [closed, "Pushed again it changes nothing, and wakes the batch.", two],
  ),
  ...both(
    "woken",
    { write: "bullmq:promote", of: /:batches:/, does: "the batch is woken", last: true },
    [closed, "Pushed again it changes nothing, and wakes the batch.", two],
    [closed, "The batch's job ends and wakes its campaign.", two],
  ),
];
