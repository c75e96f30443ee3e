import { createReview } from "../workers/review.ts";
import { createSendAgain } from "../workers/send-again.ts";
import type { TakeIn } from "../workers/take-in.ts";
import type { Ledger } from "./compose-steps.ts";
import { createAudits } from "./store/audits.ts";
import { createReviews } from "./store/reviews.ts";
import { createUnclaimed } from "./store/unclaimed.ts";

type Parts = Pick<
  Ledger,
  | "redis"
  | "keys"
  | "campaigns"
  | "batches"
  | "audiences"
  | "contents"
  | "lists"
  | "queues"
  | "clock"
  | "settle"
> & { readonly takeIn: TakeIn };

/** What needs a person's word, whoever asks for it: the server, or a command. */
export function createReviewDesk(parts: Parts) {
  const { redis, keys, settle } = parts;
  const reviews = createReviews(redis, keys);
  const { look: planAgain, sendAgain } = createSendAgain({ ...parts, reviews });
  const unclaimed = createUnclaimed(redis, keys);
  return {
    ...createReview({ ...parts, reviews, unclaimed, sendAgain, correct: settle.correct }),
    ...{ planAgain, sendAgain },
    audit: createAudits(redis, keys),
  };
}
