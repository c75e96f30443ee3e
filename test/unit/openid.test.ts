import fc from "fast-check";
import { expect, test } from "vitest";
import { sortOpenIds } from "../../src/campaign/intake.ts";
import { OpenId, openIdIn } from "../../src/campaign/openid.ts";

const openid = "oAbCdEfGhIjKlMnOpQrStUvWxY_-";

test.each([20, 28, 64])("%i characters of A-Z a-z 0-9 _ - are an OpenID", (length) => {
  const id = openid.repeat(3).slice(0, length);
  expect(openIdIn(id)).toBe(id);
  expect(OpenId.safeParse(id).success).toBe(true);
});

test.each([0, 19, 65])("%i characters are none", (length) => {
  expect(openIdIn(openid.repeat(3).slice(0, length))).toBeUndefined();
});

test.each([
  "o".repeat(27).concat("é"),
  `${openid}\n${openid}`,
  "o".repeat(20).concat(" b"),
  "o".repeat(20).concat("."),
])("another character makes it none: %j", (entry) => {
  expect(openIdIn(entry)).toBeUndefined();
});

test("spaces around an OpenID are trimmed", () => {
  expect(openIdIn(` \t${openid}\r\n`)).toBe(openid);
});

test.each([[undefined], [null], [5], [{ openid }], [[openid]], [true]])("%j is no OpenID", (entry) => {
  expect(openIdIn(entry)).toBeUndefined();
});

test("every entry of a list is either valid or invalid, in its order", () => {
  const good = fc.stringMatching(/^[A-Za-z0-9_-]{20,64}$/);
  const bad = fc.oneof(
    fc.string({ maxLength: 19 }),
    fc.integer(),
    fc.constant(null),
    fc.dictionary(fc.string(), fc.string()),
  );
  const entry = fc.oneof(
    good.map((text) => ({ text, ok: true })),
    bad.map((text) => ({ text, ok: false })),
  );
  fc.assert(
    fc.property(fc.array(entry), (entries) => {
      const { valid, invalid } = sortOpenIds(entries.map(({ text }) => text));
      expect(valid).toEqual(entries.filter(({ ok }) => ok).map(({ text }) => text));
      expect(invalid).toHaveLength(entries.length - valid.length);
    }),
  );
});

test("a malformed entry is kept as one short line of text", () => {
  const entries = [" two\n words ", 42, { a: "b" }, null, undefined, "x".repeat(5_000)];
  const { invalid } = sortOpenIds(entries);
  expect(invalid).toEqual(["two words", "42", '{"a":"b"}', "null", "", "x".repeat(128)]);
});

test("an entry that is huge or 200,000 levels deep is counted as malformed, and little of it is kept", () => {
  const deep = JSON.parse("[".repeat(200_000) + "]".repeat(200_000));
  const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`key${at}`, at]));
  const { valid, invalid } = sortOpenIds([
    deep,
    { a: deep },
    wide,
    " ".repeat(5_000_000),
    "x".repeat(5_000_000),
  ]);
  expect(valid).toEqual([]);
  expect(invalid.map((text) => text.length)).toEqual([128, 128, 128, 0, 128]);
  expect(invalid[0]).toBe("[".repeat(128));
});
