import { describe, expect, test } from "vitest";
import { z } from "zod";
import { parseCampaign } from "../../src/campaign/body.ts";
import { plainly } from "../../src/campaign/plain-issue.ts";

const said = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value, { error: plainly }).error?.issues.map(({ message }) => message);

describe("what a schema does not say itself is said as the others say it", () => {
  test.each<[string, z.ZodType, unknown, string]>([
    ["nothing", z.string(), undefined, "is missing"],
    ["no text", z.string(), 5, "expected text"],
    ["no number", z.number(), "5", "expected a number"],
    ["a fraction", z.int(), 1.5, "expected a whole number"],
    ["neither", z.boolean(), 1, "expected true or false"],
    ["no object", z.object({}), [], "expected an object"],
    ["no list", z.array(z.string()), {}, "expected a list"],
    ["another word", z.literal("one"), "two", "expected one"],
    ["none of them", z.enum(["one", "two"]), "three", "expected one of one, two"],
    ["no text in it", z.string().min(1), "", "expected some text"],
    ["too little text", z.string().min(2), "a", "expected at least 2 characters"],
    ["too much text", z.string().max(2), "abc", "expected at most 2 characters"],
    ["too few", z.array(z.string()).min(1), [], "expected a list of at least 1"],
    ["too much", z.number().max(3), 4, "expected at most 3"],
    ["its own words", z.string("expected a name"), 5, "expected a name"],
  ])("%s", (_what, schema, value, message) => {
    expect(said(schema, value)).toEqual([message]);
  });
});

describe("of a campaign", () => {
  const body = {
    account: "acme",
    audience: { type: "all" },
    message: { msgtype: "text", text: { content: "x" } },
  };

  test.each<[string, object, string]>([
    ["too long a name", { name: "n".repeat(201) }, "name: expected at most 200 characters"],
    ["no message", { message: undefined }, "message: is missing"],
    ["a message without its object", { message: { msgtype: "text" } }, "message.text: is missing"],
    [
      "an empty text",
      { message: { msgtype: "text", text: { content: "" } } },
      "message.text.content: expected some text",
    ],
    [
      "an unknown msgtype",
      { message: { msgtype: "fax" } },
      "message.msgtype: expected text, mpnews, image, voice or mpvideo",
    ],
    [
      "an unknown one with content",
      { message: { msgtype: "fax", articles: [] } },
      "message.msgtype: expected one of mpnews, image, voice, mpvideo",
    ],
  ])("%s", (_what, change, message) => {
    expect(() => parseCampaign({ ...body, ...change }, undefined)).toThrow(new RegExp(`^${message}$`));
  });
});
