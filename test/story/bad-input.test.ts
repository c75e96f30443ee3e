import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { messageOf, openRig, people, type Rig } from "./rig.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await openRig({ accounts: { acme: {}, news: { kind: "subscription" }, ids: {} } });
});
afterEach(() => rig.expectClean());
afterAll(() => rig.close());

const openids = people(3);
const good = { account: "acme", message: messageOf("good"), audience: { type: "openids", openids } };

/** Adds a job, sees it refused at once in spite of its five attempts, and hands back why. */
async function refused(id: string, data: unknown): Promise<string> {
  const calls = rig.desk("acme").calls.length;
  const options = { jobId: id, attempts: 5, backoff: 10 };
  const job = await rig.queues.campaigns.add("campaign", data, options);
  const reason = await rig.report(job).then(
    (report) => `it was not refused: ${JSON.stringify(report)}`,
    (error: Error) => error.message,
  );
  const kept = await rig.queues.campaigns.getJob(id);
  expect(await kept?.getState()).toBe("failed");
  expect(kept?.attemptsMade).toBe(1);
  expect(kept?.failedReason).toBe(reason);
  const stored = JSON.stringify(await rig.client.hgetall(`{qunfa}:campaigns:${id}`));
  expect(stored).not.toContain("oStory");
  expect(reason).not.toContain("oStory");
  expect(rig.desk("acme").calls).toHaveLength(calls);
  return reason;
}

describe("bad data fails its job at once, and the message names", () => {
  const many = Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`field${index}`, 1]));
  const table: [string, unknown, string[]][] = [
    ["an unknown account", { ...good, account: "nobody" }, ["account"]],
    ["an unknown field", { ...good, mesage: {} }, ["mesage"]],
    [
      "an unknown field deep inside",
      { ...good, message: { msgtype: "text", text: { content: "x", size: 1 } } },
      ["message.text.size"],
    ],
    [
      "a wrong type",
      { ...good, name: 7, audience: { type: "openids", openids: "oStory" } },
      ["name", "audience.openids"],
    ],
    [
      "an empty audience",
      { ...good, audience: { type: "openids", openids: [] } },
      ["audience.openids", "at least one"],
    ],
    [
      "too long a list",
      { ...good, audience: { type: "openids", openids: people(100_001) } },
      ["audience.openids", "100000"],
    ],
    ["a list for a subscription account", { ...good, account: "news" }, ["audience", "subscription"]],
    [
      "a body that is not its msgtype's",
      { ...good, message: { msgtype: "text", image: { media_id: "m" } } },
      ["message.text", "message.image"],
    ],
    ["an unknown msgtype", { ...good, message: { msgtype: "fax", fax: {} } }, ["message.msgtype"]],
    [
      "nothing in the text",
      { ...good, message: { msgtype: "text", text: { content: "" } } },
      ["message.text.content"],
    ],
    ["a wrong flag", { ...good, send_ignore_reprint: true }, ["send_ignore_reprint"]],
    ["metadata that is no text", { ...good, metadata: { ticket: 1 } }, ["metadata.ticket"]],
    [
      "a moment without its offset",
      { ...good, schedule: { startAt: "2026-12-01 09:00", deadline: "tomorrow" } },
      ["schedule.startAt", "schedule.deadline", "a moment with its offset"],
    ],
    [
      "a time that no day has",
      { ...good, schedule: { window: { from: "9:00", to: "24:00" } } },
      ["schedule.window.from", "schedule.window.to", "a time of day"],
    ],
    [
      "a window of two equal times",
      { ...good, schedule: { window: { from: "09:00", to: "09:00" } } },
      ["schedule.window", "two different times"],
    ],
    [
      "a deadline before its start",
      {
        ...good,
        schedule: { startAt: "2026-12-02T00:00:00+08:00", deadline: "2026-12-01T23:59:00+08:00" },
      },
      ["schedule.deadline", "after startAt"],
    ],
    ["a hold of no kind", { ...good, hold: "yes" }, ["hold", "first-batch"]],
    ["an overCap of no kind", { ...good, overCap: "maybe" }, ["overCap", "skip", "fail"]],
    ["five a month", { ...good, perUserPerMonth: 5 }, ["perUserPerMonth", "from 1 to 4"]],
    ["none a month", { ...good, perUserPerMonth: 0 }, ["perUserPerMonth", "from 1 to 4"]],
    ["notifyUrl", { ...good, notifyUrl: "https://example.org/" }, ["notifyUrl: nothing signs the report"]],
    [
      "whom to leave out where WeChat finds the people",
      { ...good, audience: { type: "tag", tagId: 100 }, exclude: [{ type: "tag", tagId: 101 }] },
      ["exclude: can't be kept"],
    ],
    ["everything that is missing", {}, ["account", "message", "audience"]],
    [
      "every wrong field of several",
      { ...good, account: "nobody", name: 7, hold: "all", extra: openids },
      ["account", "name", "hold", "extra"],
    ],
    ["20 fields, and how many more", { ...good, ...many }, ["field19", "and 5 more"]],
    ["no data", null, ["data"]],
    ["data that is a text", "oStory_0000000000000000000001", ["data"]],
    ["a list in place of data", [openids], ["data"]],
  ];

  test.each(table)("%s", async (what, data, names) => {
    const reason = await refused(what.replaceAll(" ", "-").replaceAll(/[^a-zA-Z0-9-]/g, ""), data);
    expect(reason).toMatch(/^BAD_CAMPAIGN: [^\n]+$/);
    for (const name of names) expect(reason).toContain(name);
  });

  test.each(["a/b", "..", ".", "x".repeat(129), "white space", "群发", "a~1", "{x}"])(
    "the id %s",
    async (id) => {
      expect(await refused(id, good)).toMatch(/^BAD_CAMPAIGN: id: expected/);
    },
  );
});

test("an id of 128 characters, and one of dots and digits, will do", async () => {
  for (const id of ["x".repeat(128), "2026.11.11_a-b"])
    expect(await rig.report(await rig.add(id, "acme", openids))).toMatchObject({
      campaignId: id,
      state: "completed",
    });
});

test("a refused id is used up while its job is kept, and the corrected job is taken under a new one", async () => {
  await refused("typo", { ...good, account: "acmee" });
  const again = await rig.queues.campaigns.add("campaign", good, { jobId: "typo" });
  expect(await (await rig.queues.campaigns.getJob("typo"))?.getState()).toBe("failed");
  expect(again.id).toBe("typo");
  expect(await rig.report(await rig.add("typo-2", "acme", openids))).toMatchObject({ state: "completed" });
});

describe("an id that comes again after its job was removed", () => {
  test("with the same body completes with the stored report, with another it is ID_REUSED", async () => {
    const desk = rig.desk("ids");
    const first = await rig.add("again", "ids", people(200));
    const report = await rig.report(first);
    await first.remove();
    expect(await rig.report(await rig.add("again", "ids", people(200)))).toEqual(report);
    expect((await rig.queues.campaigns.getJob("again"))?.data).toEqual({ account: "ids", stored: true });

    const others: [string, unknown][] = [
      [
        "other people",
        {
          ...good,
          account: "ids",
          message: messageOf("again"),
          audience: { type: "openids", openids: people(201) },
        },
      ],
      ["another message", { ...good, account: "ids", audience: { type: "openids", openids: people(200) } }],
      [
        "another account",
        { ...good, message: messageOf("again"), audience: { type: "openids", openids: people(200) } },
      ],
    ];
    for (const [what, data] of others) {
      await (await rig.queues.campaigns.getJob("again"))?.remove();
      expect(await refused("again", data), what).toMatch(/^ID_REUSED: id: again/);
    }
    expect(desk.calls).toHaveLength(1);
    expect((await rig.show("again")).report).toEqual(report);
  });

  test("a number of BullMQ's own that counts from the start again is ID_REUSED, never an old report", async () => {
    const body = { ...good, account: "ids", message: messageOf("number") };
    const first = await rig.queues.campaigns.add("campaign", body);
    const report = await rig.report(first);
    expect(report).toMatchObject({ campaignId: first.id, state: "completed" });
    await first.remove();
    await rig.client.decr("{qunfa}:campaigns:id");
    const second = await rig.queues.campaigns.add("campaign", body);
    expect(second.id).toBe(first.id);
    await expect(rig.report(second)).rejects.toThrow(/^ID_REUSED/);
    expect((await rig.show(String(first.id))).report).toEqual(report);
    expect(rig.desk("ids").books.received("「number」").size).toBe(3);
  });
});
