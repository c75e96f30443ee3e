import { expect, test } from "vitest";
import { compact, compactData } from "../../src/console/compact.ts";

const people = Array.from({ length: 25_000 }, (_, index) => `oPerson${String(index).padStart(20, "0")}`);

test("an audience is shown as its kind and number", () => {
  const data = { account: "acme", name: "Spring", audience: { type: "openids", openids: people } };
  expect(compactData(data)).toEqual({
    account: "acme",
    name: "Spring",
    audience: { type: "openids", count: 25_000 },
  });
  const exclude = [
    { type: "openids", openids: people },
    { type: "tag", tagId: 8 },
  ];
  expect(compactData({ audience: { type: "tag", tagId: 7 }, exclude })).toEqual({
    audience: { type: "tag", tagId: 7 },
    exclude: [
      { type: "openids", count: 25_000 },
      { type: "tag", tagId: 8 },
    ],
  });
});

test.each([
  people,
  people[0],
  { audience: people },
  { audience: people[0] },
  { audience: { type: "openids", openids: people[0] } },
  { audience: { list: people } },
  { exclude: people },
  { exclude: people[0] },
  { exclude: { type: "openids", openids: people } },
  { audience: {}, exclude: [{ type: "openids", openids: people[0] }, people[0], { [people[0] ?? ""]: 1 }] },
  { nested: { openids: people } },
  { nested: { openid: people[0] } },
  { touser: people.slice(0, 2) },
  Object.fromEntries(people.map((openid) => [openid, 1])),
  { nested: Object.fromEntries(people.map((openid) => [`to ${openid}`, 1])) },
])("no OpenID is shown of wrong data either (case %#)", (data) => {
  expect(JSON.stringify(compactData(data)) ?? "").not.toContain("oPerson");
});

test("long texts, many fields and deep nesting are cut", () => {
  const deep = Array.from({ length: 50 }).reduce<unknown>((inner) => ({ inner }), "end");
  const wide = Object.fromEntries(people.map((_, index) => [`field${index}`, "x".repeat(5_000)]));
  expect(JSON.stringify(compact(deep)).length).toBeLessThan(200);
  expect(JSON.stringify(compact(wide)).length).toBeLessThan(20_000);
});

test.each([null, undefined, 7, true, "text", {}])("%j stays what it is", (value) => {
  expect(compact(value)).toEqual(value);
});
