import { expect, test } from "vitest";
import { findRedisUrls } from "../../src/config.ts";

test("where Redis is is found beside whatever else is wrong, unless it is wrong itself", () => {
  const wrong = { PORT: "x", QUNFA_ACCOUNTS: "nowhere.json" };
  const several = findRedisUrls({ ...wrong, REDIS_URL: " redis://a:1,redis://b:2" });
  expect(several).toEqual(["redis://a:1", "redis://b:2"]);
  for (const REDIS_URL of [undefined, "", "http://a"])
    expect(findRedisUrls({ ...wrong, REDIS_URL })).toBeUndefined();
});
