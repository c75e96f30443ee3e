import fc from "fast-check";
import { expect, test } from "vitest";
import { digestOf } from "../../src/campaign/digest.ts";
import { jsonText } from "../../src/campaign/json-text.ts";

/** The same data, the fields of every object in another order. */
function reversed(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(reversed);
  if (data === null || typeof data !== "object") return data;
  return Object.fromEntries(
    Object.entries(data)
      .reverse()
      .map(([key, value]) => [key, reversed(value)]),
  );
}

test("a digest does not depend on the order of fields, at any depth", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (data) => {
      expect(digestOf(reversed(data))).toBe(digestOf(data));
    }),
  );
});

test("the text that is digested is what JSON.stringify writes, the fields in order", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (data) => {
      const text = [...jsonText(data)].join("");
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(data)));
      expect(text).toBe([...jsonText(reversed(data))].join(""));
    }),
  );
  const data = { b: [1, "\u2028", null, { d: {}, c: [] }], a: undefined, "": '"' };
  expect([...jsonText(data)].join("")).toBe('{"":"\\"","b":[1,"\u2028",null,{"c":[],"d":{}}]}');
});

test("data that is nested 200,000 levels deep has a digest too", () => {
  const nested = (inner: string) => JSON.parse("[".repeat(200_000) + inner + "]".repeat(200_000));
  const digest = digestOf(nested("1"));
  expect(digestOf(nested("1"))).toBe(digest);
  expect(digestOf(nested("2"))).not.toBe(digest);
});

test("a digest depends on the order of a list", () => {
  expect(digestOf({ openids: ["a", "b"] })).not.toBe(digestOf({ openids: ["b", "a"] }));
});

test("a digest survives the way through JSON", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (data) => {
      expect(digestOf(JSON.parse(JSON.stringify(data)))).toBe(digestOf(data));
    }),
  );
});

test.each([
  [{ a: 1 }, { a: "1" }],
  [{ a: 1 }, { b: 1 }],
  [{ a: null }, {}],
  [{ a: { b: 1 } }, { a: 1, b: 1 }],
  [["ab"], ["a", "b"]],
])("%j and %j have different digests", (one, other) => {
  expect(digestOf(one)).not.toBe(digestOf(other));
});
