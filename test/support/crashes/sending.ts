import { both, type CrashPoint, point } from "./point.ts";

const forever = new Promise<never>(() => {});
const refusal = { answer: { errcode: 40008 } };
const ends = { failed: 2, needsReview: 0 };
const two = [2, 2] as const;
const sentTwice = [3, 3] as const;
const doubt = "In doubt: asked again with the same clientmsgid.";
const unsent = "The batch's job is run again from its start.";

/** A batch's job, from being given out to being accepted; and the other outcomes of a call. */
export const sending: readonly CrashPoint[] = [
  ...both(
    "job",
    { write: "bullmq:addPrioritizedJob", does: "a batch's job" },
    ["sending; 2 planned", "Both jobs are added; one that is there stays as it is.", two],
    ["sending; 2 planned", "The missing job is added; one that is there stays as it is.", two],
  ),
  ...both(
    "enqueued",
    { write: "note-enqueued", does: "every batch has its job" },
    ["sending; 2 planned", "All jobs are added once more, and are there already.", two],
    ["sending; 2 planned", "The jobs are there.", two],
  ),
  ...both(
    "begin",
    { write: "begin", does: "the gate: turn, unit and `sending`" },
    ["sending; 2 planned", unsent, two],
    ["sending; 1 planned, 1 sending; 1 call", `Nothing has left, which nobody can know. ${doubt}`, [2, 3]],
  ),
  point(
    "arrives",
    {
      write: "request at WeChat",
      does: "it takes the message in",
      holds: { accept: false, answer: "cut", until: forever },
    },
    "before",
    ["sending; 1 planned, 1 sending; 1 call", doubt, sentTwice],
  ),
  point(
    "taken",
    {
      write: "request at WeChat",
      does: "it takes the message in",
      holds: { accept: true, until: forever },
    },
    "after",
    ["sending; 1 planned, 1 sending; 1 call", `${doubt} WeChat says 45065 and its msg_id.`, sentTwice],
  ),
  ...both(
    "accept",
    { write: "accept", does: "WeChat's answer is recorded" },
    ["sending; 1 planned, 1 sending; 1 call", `${doubt} WeChat says 45065 and its msg_id.`, sentTwice],
    ["sending; 1 accepted, 1 planned; 1 call", "The batch is followed, the other has the turn.", two],
  ),
  ...both(
    "pass",
    { write: "bullmq:promote", of: /:batches:/, does: "who has the turn now is woken", queued: true },
    ["sending; 1 accepted, 1 planned; 1 call", "The reconciler wakes the turn's owner.", two],
    ["sending; 1 accepted, 1 planned; 1 call", "The owner of the turn is awake.", two],
  ),
  ...both(
    "sleep",
    { write: "bullmq:moveToDelayed", of: /~1$/, does: "the batch sleeps for its result", held: true },
    ["sending; 1 accepted, 1 planned; 1 call", "The job is run again and sleeps.", two],
    ["sending; 1 accepted, 1 planned; 1 call", "The result wakes it, or the next poll.", two],
  ),
  ...both(
    "doubt",
    { write: "doubt", does: "an answer that says nothing", meets: [{ accept: true, answer: "html" }] },
    ["sending; 1 planned, 1 sending; 1 call", `${doubt} WeChat says 45065.`, sentTwice],
    ["sending; 1 planned, 1 unknown; 1 call", `${doubt} WeChat says 45065.`, sentTwice],
  ),
  ...both(
    "postpone",
    {
      write: "postpone",
      does: "not now: a token that WeChat refuses",
      meets: [{ answer: { errcode: 42001 } }],
    },
    ["sending; 1 planned, 1 sending; 1 call", doubt, sentTwice],
    ["sending; 2 planned; 1 call", "A fresh token is fetched, the batch passes the gate again.", sentTwice],
  ),
  ...both(
    "refuse",
    { write: "refuse", does: "refused for good", meets: [refusal] },
    [
      "sending; 1 planned, 1 sending; 1 call",
      `${doubt} Refused again, an earlier call being in doubt, it waits for a person.`,
      [2, 2],
      { meets: [refusal, refusal], ends: { failed: 1, needsReview: 1 } },
    ],
    ["sending; 1 failed, 1 planned; 1 call", "The other batch ends without a call.", [1, 1], { ends }],
  ),
  ...both(
    "back",
    {
      write: "change-shard",
      nth: 8,
      does: "a shard's reservations go back",
      meets: [refusal],
      ends,
    },
    ["sending; 2 failed; 1 call", "Seven shards are done; the eighth gets its messages back once.", [1, 1]],
    ["sending; 2 failed; 1 call", "Eight shards are done; the ninth is next.", [1, 1]],
  ),
];
