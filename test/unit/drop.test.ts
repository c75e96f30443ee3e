import { describe, expect, test } from "vitest";
import { endFor } from "../../workers/drop.ts";

const refused = { code: "REFUSED", errcode: 40008, message: "invalid message type" };
const campaign = { refused };

describe("what a person reads about a batch that is dropped", () => {
  test("is WeChat's refusal where that is why", () => {
    expect(endFor("campaign", campaign, false)).toEqual({
      state: "failed",
      by: "campaign",
      trouble: refused,
    });
  });

  test.each(["cancel", "deadline", "month"] as const)("names its end: %s", (why) => {
    expect(endFor(why, campaign, false)).toMatchObject({ state: "canceled", by: why });
  });

  test.each(["cancel", "deadline", "month"] as const)(
    "never says of one in doubt that it was not sent, and what to do: %s",
    (why) => {
      const { trouble } = endFor(why, campaign, true);
      expect(trouble.message).toMatch(/^A call was in doubt when the .+: it is not asked again\.$/);
      expect(trouble.remedy).toBe("Look in WeChat's console whether it was sent.");
    },
  );
});
