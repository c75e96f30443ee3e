import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exclusionOf, INLINE_LIMIT, parseCampaign } from "../../src/campaign/body.ts";
import { CampaignId, isQueueNumber } from "../../src/campaign/campaign-id.ts";
import { scheduleOf } from "../../src/campaign/schedule.ts";
import { Failure } from "../../src/failure.ts";

const openid = "oAbCdEfGhIjKlMnOpQrStUvWxYz1";
const accounts = new Map([
  ["acme", { kind: "service" }],
  ["daily", { kind: "subscription" }],
] as const);
const body = {
  account: "acme",
  message: { msgtype: "text", text: { content: "Hello" } },
  audience: { type: "openids", openids: [openid, "not one"] },
};

const starts = "2031-12-01T09:00:00+08:00";

/** Notifications go to one host alone. */
const notifyFault = (url: string) => (new URL(url).host === "example.org" ? undefined : "not there");

/** What is wrong with these data, one line a field. */
function wrong(data: unknown): string[] {
  try {
    parseCampaign(data, accounts, notifyFault);
    return [];
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "BAD_CAMPAIGN") throw error;
    return error.message.split("; ");
  }
}

test("a minimal campaign is good, malformed OpenIDs and all", () => {
  expect(parseCampaign(body, accounts, notifyFault)).toEqual(body);
});

test("a campaign with every optional field of this stage is good", () => {
  const whole = {
    ...{ ...body, name: "November", send_ignore_reprint: 1, metadata: { ticket: "MKT-1" } },
    notifyUrl: "https://example.org/reports?of=qunfa",
    ...{ perUserPerMonth: 3, overCap: "fail", hold: "first-batch" },
    schedule: { startAt: starts, window: { from: "21:00", to: "09:00" }, deadline: "2031-12-03T00:00Z" },
  };
  expect(parseCampaign(whole, accounts, notifyFault)).toEqual(whole);
});

test("a deadline that has passed is no bad data", () => {
  const schedule = { deadline: "2020-01-01T00:00:00+08:00" };
  expect(wrong({ ...body, schedule })).toEqual([]);
});

test("a schedule is kept in milliseconds and minutes of the day", () => {
  const window = { from: "21:30", to: "07:05" };
  expect(scheduleOf({ startAt: starts, window })).toEqual({
    ...{ startAt: Date.parse(starts), deadline: undefined, windowFrom: 1_290, windowTo: 425 },
  });
});

describe("each wrong field is named, with what was expected", () => {
  test.each<[string, object, string]>([
    ["account", { account: 5 }, "account: expected text"],
    ["account", { account: "nobody" }, "account: expected an account of the accounts file"],
    ["audience", { account: "daily" }, "audience: a subscription account can't send to a list"],
    ["name", { name: 5 }, "name: expected text"],
    ["audience", { audience: undefined }, "audience: is missing"],
    ["audience.type", { audience: {} }, "audience.type: expected one of openids, list, tag, all$"],
    [
      "audience.tagId",
      { audience: { type: "tag", tagId: "100" } },
      "audience.tagId: expected a whole number",
    ],
    [
      "audience.tagId",
      { audience: { type: "tag", tagId: -1 } },
      "audience.tagId: expected the number of a tag",
    ],
    ["audience.expand", { audience: { type: "all", expand: "yes" } }, "audience.expand: "],
    [
      "audience.audienceId",
      { audience: { type: "list", audienceId: "../x" } },
      "audience.audienceId: expected",
    ],
    ["overCap", { audience: { type: "all" }, overCap: "fail" }, "overCap: can't be kept"],
    [
      "perUserPerMonth",
      { audience: { type: "tag", tagId: 1 }, perUserPerMonth: 2 },
      "perUserPerMonth: can't",
    ],
    ["audience.openids", { audience: { type: "openids" } }, "audience.openids: expected a list of OpenIDs"],
    [
      "audience.openids",
      { audience: { type: "openids", openids: [] } },
      "audience.openids: expected at least one",
    ],
    ["send_ignore_reprint", { send_ignore_reprint: 2 }, "send_ignore_reprint: expected 0 or 1"],
    ["metadata.ticket", { metadata: { ticket: 7 } }, "metadata.ticket: expected text"],
    ["schedule", { schedule: "tomorrow" }, "schedule: expected an object"],
    ["schedule.start", { schedule: { start: starts } }, "schedule.start: there is no such field"],
    [
      "schedule.startAt",
      { schedule: { startAt: "2031-01-01T00:00:00" } },
      "schedule.startAt: expected a moment",
    ],
    [
      "schedule.startAt",
      { schedule: { startAt: "2031-02-30T00:00:00Z" } },
      "schedule.startAt: expected a moment",
    ],
    ["schedule.deadline", { schedule: { deadline: 1_900_000_000 } }, "schedule.deadline: expected a moment"],
    [
      "schedule.deadline",
      { schedule: { startAt: starts, deadline: starts } },
      "schedule.deadline: expected a moment after startAt",
    ],
    [
      "schedule.window.to",
      { schedule: { window: { from: "09:00", to: "24:00" } } },
      "schedule.window.to: expected a time of day",
    ],
    [
      "schedule.window",
      { schedule: { window: { from: "09:00", to: "09:00" } } },
      "schedule.window: expected two different times",
    ],
    ["perUserPerMonth", { perUserPerMonth: 0 }, "perUserPerMonth: expected a whole number from 1 to 4"],
    ["perUserPerMonth", { perUserPerMonth: 5 }, "perUserPerMonth: expected a whole number from 1 to 4"],
    ["perUserPerMonth", { perUserPerMonth: 2.5 }, "perUserPerMonth: expected a whole number from 1 to 4"],
    ["overCap", { overCap: "drop" }, 'overCap: expected "skip" or "fail"'],
    ["hold", { hold: true }, 'hold: expected "first-batch"'],
    ["exclude", { exclude: { type: "all" } }, "exclude: expected a list of audiences"],
    ["exclude", { exclude: [] }, "exclude: expected at least one audience"],
    ["exclude", { exclude: new Array(11).fill({ type: "tag", tagId: 1 }) }, "exclude: expected at most 10"],
    ["exclude.0.type", { exclude: [{ type: "all" }] }, "exclude.0.type: expected openids, a list or a tag"],
    ["exclude.0.openids", { exclude: [{ type: "openids", openids: [] }] }, "exclude.0.openids: expected at"],
    [
      "exclude.1.audienceId",
      {
        exclude: [
          { type: "tag", tagId: 1 },
          { type: "list", audienceId: 5 },
        ],
      },
      "exclude.1.audienceId: ",
    ],
    [
      "exclude",
      { audience: { type: "all" }, exclude: [{ type: "tag", tagId: 1 }] },
      "exclude: can't be kept",
    ],
    ["notifyUrl", { notifyUrl: "https://example.com" }, "notifyUrl: not there"],
    ["notifyUrl", { notifyUrl: 5 }, "notifyUrl: expected an https:// address"],
    ["notifyUrl", { notifyUrl: "reports" }, "notifyUrl: expected an https:// address"],
    ["notifyUrl", { notifyUrl: "ftp://example.org/" }, "notifyUrl: expected an https:// address"],
    ["notifyUrl", { notifyUrl: "https://me:word@example.org" }, "notifyUrl: expected an https:// address"],
    [
      "notifyUrl",
      { notifyUrl: `https://example.org/${"a".repeat(2_048)}` },
      "notifyUrl: expected an https:// address",
    ],
    ["colour", { colour: "red" }, "colour: there is no such field"],
  ])("%s", (path, change, line) => {
    const lines = wrong({ ...body, ...change });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(new RegExp(`^${line.replaceAll("|", "\\|")}`));
    expect(lines[0]?.startsWith(`${path}:`)).toBe(true);
  });
});

test.each([[null], [5], ["text"], [[]]])("data that are no object are refused: %j", (data) => {
  expect(wrong(data)).toEqual([expect.stringMatching(/^data: expected an object$/)]);
});

test("several wrong fields are all named in one message", () => {
  const lines = wrong({ ...body, account: "nobody", name: 5, colour: "red" });
  expect(lines.map((line) => line.slice(0, line.indexOf(":")))).toEqual(["name", "colour", "account"]);
});

test("more than 100,000 inline OpenIDs are refused, 100,000 are not", () => {
  const of = (count: number) => ({
    ...body,
    audience: { type: "openids", openids: new Array(count).fill(openid) },
  });
  expect(wrong(of(INLINE_LIMIT))).toEqual([]);
  expect(wrong(of(INLINE_LIMIT + 1))).toEqual([
    expect.stringMatching(/^audience.openids: expected at most 100000/),
  ]);
});

test("inline OpenIDs that are left out count among the 100,000", () => {
  const of = (count: number) => ({ type: "openids", openids: new Array(count).fill(openid) });
  const data = { ...body, audience: of(60_000), exclude: [of(20_000), of(20_000)] };
  expect(wrong(data)).toEqual([]);
  expect(wrong({ ...data, exclude: [...data.exclude, of(1)] })).toEqual([
    "exclude: expected at most 100000 inline OpenIDs, the audience's included",
  ]);
});

test("each list and each tag that is left out counts once", () => {
  const list = { type: "list", audienceId: "abc" } as const;
  const tag = { type: "tag", tagId: 1 } as const;
  const inline = { type: "openids", openids: [openid] } as const;
  const exclude = [
    list,
    tag,
    { ...inline, openids: [...inline.openids] },
    list,
    { ...tag, expand: true as const },
  ];
  expect(exclusionOf({ exclude })).toEqual({ openids: [openid], lists: ["abc"], tags: [1] });
  expect(exclusionOf({})).toEqual({ openids: [], lists: [], tags: [] });
});

test("20 wrong fields are named at most, and how many more there are", () => {
  const fields = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`field_${at}`, 1]));
  expect(wrong({ ...body, ...fields(20) })).toHaveLength(20);
  const lines = wrong({ ...body, ...fields(27) });
  expect(lines).toHaveLength(21);
  expect(lines[20]).toBe("and 7 more");
});

test("the failure's details list what its message names", () => {
  expect.assertions(2);
  try {
    parseCampaign({ ...body, name: 5, colour: "red" }, accounts, notifyFault);
  } catch (error) {
    const { message, details } = error as Failure;
    const errors = details.errors as { path: string; message: string }[];
    expect(errors.map(({ path }) => path)).toEqual(["name", "colour"]);
    expect(message).toBe(errors.map((each) => `${each.path}: ${each.message}`).join("; "));
  }
});

test("no OpenID gets into a message, wherever the producer has put it", () => {
  const anywhere = (it: string): object[] => [
    { account: it },
    { name: [it] },
    { [it]: 1 },
    { message: { msgtype: it } },
    { message: { msgtype: "text", text: { content: 1, [it]: 1 } } },
    { message: { msgtype: "image", images: { media_ids: [it, 5] } } },
    { audience: { type: it } },
    { audience: { type: "openids", openids: it } },
    { audience: { type: "openids", openids: [it], [it]: it } },
    { audience: { type: "openids", openids: { [it]: it } } },
    { audience: { type: "list", audienceId: it } },
    { exclude: [it] },
    { exclude: [{ type: it }] },
    { exclude: [{ type: "openids", openids: it }] },
    { exclude: [{ type: "tag", tagId: it }] },
    { metadata: { [it]: 5 } },
    { metadata: it },
    { send_ignore_reprint: it },
    { schedule: it },
  ];
  const openids = fc.stringMatching(/^o[A-Za-z0-9_-]{18}[0-9][A-Za-z0-9_-]{8}$/);
  fc.assert(
    fc.property(openids, (it) => {
      for (const change of anywhere(it)) {
        const lines = wrong({ ...body, ...change });
        expect(lines).not.toEqual([]);
        expect(lines.join("; ")).not.toContain(it);
      }
    }),
    { numRuns: 50 },
  );
});

test("a name of the producer's own is cut short in a message", () => {
  expect(wrong({ ...body, ["field ".repeat(50)]: 1 })[0]?.length).toBeLessThan(100);
});

test.each(["a", "A.b_c-9", "2026-11-offer", "x".repeat(128)])("%s can be a campaign's id", (id) => {
  expect(CampaignId.safeParse(id).success).toBe(true);
});

test.each(["", ".", "..", "a/b", "a:b", "a~1", "群发", "a b", "x".repeat(129), "{a}"])(
  "%s can't be a campaign's id",
  (id) => {
    expect(CampaignId.safeParse(id).success).toBe(false);
  },
);

test("digits alone are a number of the queue's own", () => {
  expect(["1", "0042", "1a", "-1", ""].filter(isQueueNumber)).toEqual(["1", "0042"]);
});
