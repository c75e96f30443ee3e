import type { Accounts } from "./account.ts";
import { createReviewHandlers, type ReviewDoor } from "./reviews.ts";
import { get, post, type Route } from "./route.ts";

/** What needs a person's word, and who has done what. */
export function createReviewRoutes(door: ReviewDoor, accounts: Accounts): readonly Route[] {
  const reviews = createReviewHandlers(door, accounts);
  const batch = "/v1/campaigns/:id/batches/:number";
  return [
    get("/v1/accounts/:account/reviews", "read", reviews.list),
    get(batch, "read", reviews.show),
    post(`${batch}/review`, "send", reviews.settle),
    post("/v1/campaigns/:id/send-again", "send", reviews.sendAgain),
    get("/v1/accounts/:account/audit", "read", reviews.audit),
  ];
}
