import { z } from "zod";

/** What the feed tells of campaigns. */
export type FeedType = "campaign.progress" | "campaign.state" | "campaign.closed" | "campaign.corrected";

/** An event as it is published: JSON whose `id` and `account` are the campaign's. */
export type FeedData = {
  readonly id: string;
  readonly account: string;
  readonly state: string;
  readonly [field: string]: unknown;
};

/** The id of an event: milliseconds and a number, as Redis counts the entries of a stream. */
export const FeedId = z
  .string()
  .regex(/^\d{1,15}-\d{1,15}$/, "the id of an event")
  .brand<"FeedId">();
export type FeedId = z.infer<typeof FeedId>;

/** In front of every event. */
export const FEED_START = "0-0" as FeedId;

export function isAfter(one: FeedId, other: FeedId): boolean {
  const [ms, number] = partsOf(one);
  const [otherMs, otherNumber] = partsOf(other);
  return ms > otherMs || (ms === otherMs && number > otherNumber);
}

function partsOf(id: FeedId): [number, number] {
  const [ms, number] = id.split("-");
  return [Number(ms), Number(number)];
}

/** An event as it is read: `type` may be one that only a newer version knows. */
export type FeedEvent = {
  readonly id: FeedId;
  readonly type: string;
  readonly account: string;
  readonly campaign: string;
  /** JSON, as it was published. */
  readonly data: string;
};
