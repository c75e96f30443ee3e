import type { Accounts } from "./account.ts";
import { createReviewHandlers, type ReviewDoor } from "./reviews.ts";
import type { Route } from "./route.ts";

/** What needs a person's word, and who has done what. */
export function createReviewRoutes(door: ReviewDoor, accounts: Accounts): readonly Route[] {
  const reviews = createReviewHandlers(door, accounts);
  const batch = "/v1/campaigns/:id/batches/:number";
  return [
    { method: "GET", path: "/v1/accounts/:account/reviews", access: "read", handler: reviews.list },
    { method: "GET", path: batch, access: "read", handler: reviews.show },
    { method: "POST", path: `${batch}/review`, access: "send", handler: reviews.settle },
    { method: "POST", path: "/v1/campaigns/:id/send-again", access: "send", handler: reviews.sendAgain },
    { method: "GET", path: "/v1/accounts/:account/audit", access: "read", handler: reviews.audit },
  ];
}
