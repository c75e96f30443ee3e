import type { Desk } from "../../src/http/desk-routes.ts";

/** A desk where nothing can be done; a test puts in what it needs. */
export function createTestDesk(overrides: Partial<Desk> = {}): Desk {
  const nothing = () => Promise.reject(new Error("nothing is done here"));
  return {
    preview: nothing,
    recall: { plan: nothing, recall: nothing },
    quota: { refresh: nothing, clear: nothing },
    wechatOf: () => {
      throw new Error("WeChat is not asked here");
    },
    ...overrides,
  };
}
