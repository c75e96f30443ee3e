import type { ReviewDoor } from "../../src/http/reviews.ts";

/** Where nothing waits for a person; a test puts in what it needs. */
export function createTestReviews(overrides: Partial<ReviewDoor> = {}): ReviewDoor {
  const nothing = () => Promise.reject(new Error("nothing is reviewed here"));
  return {
    open: async () => ({ items: [], next: undefined }),
    look: nothing,
    settle: nothing,
    sendAgain: nothing,
    audit: { list: async () => ({ items: [], nextCursor: null }) },
    ...overrides,
  };
}
