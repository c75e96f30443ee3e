import { both, type CrashPoint } from "./point.ts";

const two = [2, 2] as const;
const again = "The job still holds the list: it is taken in again from its start.";
const onwards = "The record says that the list is there: the job is stripped and goes on.";

/** The campaign's job, from the list to its batches. */
export const planning: readonly CrashPoint[] = [
  ...both(
    "list",
    { write: "keep-field", of: /:list$/, nth: 2, does: "a chunk of the list" },
    ["nothing", again, two],
    ["nothing", again, two],
  ),
  ...both(
    "claim",
    { write: "claim-id", does: "the id belongs to the account" },
    ["nothing", again, two],
    ["nothing", "The id is the account's own: taken in again from its start.", two],
  ),
  ...both(
    "create",
    { write: "create-campaign", does: "the record; says that the list is there" },
    ["nothing", again, two],
    ["preparing", onwards, two],
  ),
  ...both(
    "strip",
    { write: "bullmq:updateData", of: /:campaigns:/, does: "the list leaves the job" },
    ["preparing", onwards, two],
    ["preparing", "The job knows its campaign by its id and goes on.", two],
  ),
  ...both(
    "lease",
    { write: "lease-token", does: "who fetches the access token" },
    ["preparing", "The next worker takes the lease and fetches the token.", two],
    ["preparing", "The lease lapses after five seconds; then the token is fetched.", two, { leases: true }],
  ),
  ...both(
    "token",
    { write: "write-token", does: "the token for all processes" },
    ["preparing", "As above; WeChat hands out the same token or another, both work.", two, { leases: true }],
    ["preparing", "The token is there.", two],
  ),
  ...both(
    "month",
    { write: "note-month", does: "the month of the plan" },
    ["preparing", "The next run decides on the month.", two],
    ["preparing", "The month that was noted stays the plan's.", two],
  ),
  ...both(
    "admit",
    { write: "admit-shard", nth: 8, does: "a shard: counters and lists in one step" },
    ["preparing", "Seven shards are done; the eighth is admitted, nobody counts twice.", two],
    ["preparing", "Eight shards are done, their people count; the ninth is next.", two],
  ),
  ...both(
    "cut",
    { write: "add-batch", nth: 2, does: "a batch, its members and clientmsgid" },
    ["preparing; 1 planned", "The same cuts are made again; the first batch is there already.", two],
    ["preparing; 2 planned", "The same cuts are made again; both are there already.", two],
  ),
  ...both(
    "start",
    { write: "start-sending", does: "the plan is whole" },
    ["preparing; 2 planned", "The same plan is made again and is there already.", two],
    ["sending; 2 planned", "The batches are given their jobs.", two],
  ),
];
