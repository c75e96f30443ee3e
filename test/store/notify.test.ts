import { describe, expect } from "vitest";
import { messageId } from "../../src/campaign/notification.ts";
import { until } from "../support/until.ts";
import { createNotifyRig, refused, silence } from "./notify-rig.ts";
import { account, hour, minute, second, test } from "./rig.ts";

describe("a message to a campaign's owner", () => {
  test("tells the report, and is over once it is taken", async ({ rig }) => {
    const told = createNotifyRig(rig);
    await told.close();
    const campaign = await told.life.get("offer");
    const closedAt = rig.clock.now();
    expect(campaign).toMatchObject({ revision: 1, notification: { state: "pending", attempts: 0 } });
    rig.clock.advance(second);
    expect(await told.run()).toEqual({ kind: "done", value: "delivered" });

    expect(told.got).toEqual([
      {
        ...{ id: messageId(campaign, 1), at: rig.clock.now() },
        body: {
          ...{ type: "campaign.closed", timestamp: new Date(closedAt).toISOString() },
          data: { ...campaign.report, revision: 1, name: "November", metadata: { ticket: "1" } },
        },
      },
    ]);
    expect(await told.shown()).toEqual({
      ...{ revision: 1, state: "delivered", attempts: 1, lastStatus: 200, lastAt: rig.clock.now() },
    });
    expect(await told.due()).toEqual([]);
    expect(await rig.redis.exists(rig.keys.messages(account, campaign.id))).toBe(0);
    expect(await told.run()).toEqual({ kind: "done", value: "over" });
    expect(told.got).toHaveLength(1);
    expect(await rig.notifications.ends(account)).toEqual({ delivered: 1, failed: 0 });
    expect(told.ends).toEqual(["delivered"]);
  });

  test("waits while two are under way to a receiver that was slow last, and others do not", async ({
    rig,
  }) => {
    const host = { slow: "https://slow.example/a", quick: "https://quick.example/a" };
    const under: (() => void)[] = [];
    const told = createNotifyRig(rig, {
      random: () => 0.5,
      postUrl: (to) =>
        to === host.quick
          ? Promise.resolve({ status: 200, retryAfter: undefined })
          : new Promise((resolve) => under.push(() => resolve({ status: 200, retryAfter: undefined }))),
    });
    await told.close("other", "2000", "callback", host.quick);
    // The same people: another month has room for them.
    rig.clock.advance(32 * 24 * hour);
    for (const [at, id] of ["first", "second", "third", "fourth"].entries())
      await told.close(id, String(1_000 + at), "callback", host.slow);

    // Nobody knows yet that it is slow.
    const first = told.run("first");
    await until(() => under.length === 1);
    rig.clock.advance(3 * second);
    under.pop()?.();
    await first;

    const two = [told.run("second"), told.run("third")];
    await until(() => under.length === 2);
    expect(await told.run("fourth")).toMatchObject({ kind: "sleep", delayMs: 20 * second });
    expect(await told.run("other")).toEqual({ kind: "done", value: "delivered" });
    for (const end of under) end();
    await Promise.all(two);
    expect(await told.shown("fourth")).toMatchObject({ state: "pending", attempts: 0 });
    under.length = 0;
    const last = told.run("fourth");
    await until(() => under.length === 1);
    under.pop()?.();
    expect(await last).toEqual({ kind: "done", value: "delivered" });
  });

  test("is not due where nobody asked for one", async ({ rig }) => {
    const told = createNotifyRig(rig);
    await told.life.lived("quiet", "1000");
    expect(await told.life.get("quiet")).not.toHaveProperty("notification");
    expect(await told.due()).toEqual([]);
    expect(await told.announce("quiet")).toEqual([]);
  });

  test("is tried for a day under one id with one body, and then given up, and its job fails", async ({
    rig,
  }) => {
    const told = createNotifyRig(rig);
    await told.close();
    const closedAt = rig.clock.now();
    told.answers.push(500, silence, 301, 404, 503, 500, 500, 502);
    expect(await told.runToEnd()).toBe("the receiver answered 502, and 24 h are over, attempt 8");

    const waits = [0, 5 * second, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour];
    let at = closedAt;
    const moments = waits.map((wait) => (at += wait));
    expect(told.got.map((got) => got.at)).toEqual([...moments, closedAt + 24 * hour]);
    expect(new Set(told.got.map(({ id }) => id)).size).toBe(1);
    expect(new Set(told.got.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(told.notes[1]).toContain("not there within 20000 ms");
    expect(await told.shown()).toMatchObject({
      ...{ state: "failed", attempts: 8, lastStatus: 502, lastAt: closedAt + 24 * hour },
      reason: "the receiver answered 502, and 24 h are over",
    });
    expect(await told.due()).toEqual([]);
    expect(await rig.notifications.ends(account)).toEqual({ delivered: 0, failed: 1 });
  });

  test.for([
    [410, "the receiver answered 410, attempt 1", 410],
    [refused, `${refused.message}, attempt 1`, undefined],
  ] as const)("is given up at once for %s", async ([answer, why, lastStatus], { rig }) => {
    const told = createNotifyRig(rig);
    await told.close();
    told.answers.push(answer);
    expect(await told.runToEnd()).toBe(why);
    expect(await told.shown()).toMatchObject({ state: "failed", attempts: 1 });
    expect((await told.shown())?.lastStatus).toBe(lastStatus);
    expect(await told.due()).toEqual([]);
  });

  test("is tried when its receiver asks for that", async ({ rig }) => {
    const told = createNotifyRig(rig);
    await told.close();
    told.answers.push({ status: 429, retryAfter: "3600" });
    expect(await told.run()).toMatchObject({ kind: "sleep", delayMs: hour });
    // Woken too soon it goes on sleeping.
    rig.clock.advance(minute);
    expect(await told.run()).toMatchObject({ kind: "sleep", delayMs: hour - minute });
    expect(told.got).toHaveLength(1);
    expect(await told.runToEnd()).toBeUndefined();
    expect(await told.shown()).toMatchObject({ state: "delivered", attempts: 2 });
  });

  test("is tried once though every worker was away for days", async ({ rig }) => {
    const told = createNotifyRig(rig);
    await told.close();
    rig.clock.advance(72 * hour);
    expect(await told.run()).toEqual({ kind: "done", value: "delivered" });
    await told.close("late", "2000");
    rig.clock.advance(72 * hour);
    told.answers.push(500);
    await expect(told.run("late")).rejects.toMatchObject({ code: "NOTIFY_FAILED" });
  });

  test("waits for a secret while there is none", async ({ rig }) => {
    const told = createNotifyRig(rig, { sign: undefined });
    await told.close();
    expect(await told.run()).toMatchObject({ kind: "sleep" });
    expect(told.got).toEqual([]);
    expect(await told.shown()).toMatchObject({
      ...{ state: "pending", attempts: 1, reason: "QUNFA_WEBHOOK_SECRET is not set" },
    });
  });

  test("that two workers send at once is counted as it was sent, and ends once", async ({ rig }) => {
    const told = createNotifyRig(rig);
    await told.close();
    const note = (state: "delivered" | "pending", status: number) =>
      rig.notifications.note(told.address(), { state, status, nextAt: 1 }, rig.clock.now());
    expect([await note("pending", 500), await note("delivered", 200)]).toEqual(["noted", "noted"]);
    expect([await note("pending", 500), await note("delivered", 204)]).toEqual(["over", "over"]);
    expect(await told.shown()).toMatchObject({ state: "delivered", attempts: 2, lastStatus: 200 });
    expect(await rig.notifications.ends(account)).toEqual({ delivered: 1, failed: 0 });
  });

  test("whose job carries something else is refused", async ({ rig }) => {
    const told = createNotifyRig(rig);
    await expect(told.run("..")).rejects.toMatchObject({ code: "BAD_JOB" });
  });
});

describe("a correction", () => {
  test("that changes the report is a message of its own, and one that does not is none", async ({ rig }) => {
    const told = createNotifyRig(rig);
    await told.close("offer", "1000", "poll");
    await told.life.settle.correct(await told.life.get("offer"));
    expect(await told.life.get("offer")).toMatchObject({ revision: 1 });
    rig.clock.advance(hour);
    // The counts of the callback that comes late.
    await told.life.comes("1000");
    const corrected = await told.life.get("offer");
    expect(corrected).toMatchObject({ revision: 2, notification: { revision: 2, state: "pending" } });
    await told.life.comes("1000");
    expect((await told.life.get("offer")).revision).toBe(2);

    // Each tells its own report, whatever came in between.
    for (const revision of [2, 1]) expect(await told.runToEnd("offer", revision)).toBeUndefined();
    const [second, first] = told.got;
    expect(first?.body).toMatchObject({
      ...{ type: "campaign.closed", data: { revision: 1, countsMissing: 1, recipients: { sent: 0 } } },
    });
    expect(second?.body).toMatchObject({
      type: "campaign.corrected",
      timestamp: new Date(rig.clock.now()).toISOString(),
      data: { revision: 2, countsMissing: 0, recipients: { sent: 2 } },
    });
    expect(first?.id).not.toBe(second?.id);
    // What is shown is the newest.
    expect(await told.shown()).toMatchObject({ revision: 2, state: "delivered", attempts: 1 });
  });

  test("leaves what is shown of it alone when an older message comes to its end", async ({ rig }) => {
    const told = createNotifyRig(rig);
    await told.close("offer", "1000", "poll");
    await told.life.comes("1000");
    told.answers.push(410);
    await told.runToEnd("offer", 1);
    expect(await told.shown()).toMatchObject({ revision: 2, state: "pending", attempts: 0 });
    expect(await told.due()).toEqual([told.address("offer", 2)]);
  });
});
