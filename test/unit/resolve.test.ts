import type { LookupAddress } from "node:dns";
import { expect, test } from "vitest";
import { createResolve } from "../../src/fetch/public-address.ts";

test("names are looked up one at a time, and one that is asked for twice at once", async () => {
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  const address: LookupAddress = { address: "93.184.216.34", family: 4 };
  const resolve = createResolve((hostname) => {
    asked.push(hostname);
    return new Promise((found) => answers.push(() => found([address])));
  });
  const all = [resolve("a.example"), resolve("b.example"), resolve("a.example")];
  await Promise.resolve();
  expect(asked).toEqual(["a.example"]);
  answers.shift()?.();
  expect(await all[0]).toEqual(await all[2]);
  await new Promise(setImmediate);
  expect(asked).toEqual(["a.example", "b.example"]);
  answers.shift()?.();
  await all[1];
});

test("a look-up that fails holds up no other", async () => {
  const resolve = createResolve(async (hostname) => {
    if (hostname === "bad.example") throw new Error("ENOTFOUND");
    return [];
  });
  const bad = resolve("bad.example");
  const good = resolve("good.example");
  await expect(bad).rejects.toThrow("ENOTFOUND");
  expect(await good).toEqual([]);
});
