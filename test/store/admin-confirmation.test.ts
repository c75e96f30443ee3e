import { describe, expect } from "vitest";
import type { MassResult } from "../../src/wechat/events.ts";
import { openSteps, type Steps } from "./errcode-rig.ts";
import { account, minute, type Rig, test } from "./rig.ts";

const asked = { errcode: 89504, errmsg: "in mass protection, need admin confirm" };
const counts = { total: 8, filter: 8, sent: 8, error: 0 };
const result: MassResult = {
  ...{ kind: "mass-result", msgId: "77", status: "success", rawStatus: "send success" },
  ...{ counts, articleUrls: [] },
};

/** A send to all whose administrator is being asked; of a `lost` one an earlier call is in doubt. */
async function ask(rig: Rig, { lost = false } = {}): Promise<Steps> {
  const steps = openSteps(rig);
  if (lost) {
    await steps.send("offer", "all", { errcode: -1 });
    rig.clock.advance(minute);
    steps.answers.push(asked);
    await steps.batch("offer");
  } else await steps.send("offer", "all", asked);
  expect(await steps.shown("offer")).toMatchObject({
    ...{ state: "waiting", waits: ["admin-confirmation", "30 min"], why: 89504 },
  });
  return steps;
}

/** No look at the batch makes another call before the administrator's time is over. */
async function staysQuiet(rig: Rig, steps: Steps) {
  const calls = steps.sends.length;
  for (const minutes of [0, 1, 10, 18]) {
    rig.clock.advance(minutes * minute);
    await steps.batch("offer");
  }
  rig.clock.advance(minute - 1);
  await steps.batch("offer");
  expect(steps.sends).toHaveLength(calls);
  rig.clock.advance(1);
}

const keysOf = ({ sends }: Steps) => new Set(sends.map(({ clientmsgid }) => clientmsgid)).size;

describe("a send to all that waits for an administrator", () => {
  test.for([false, true])(
    "is not made again for 30 minutes, then with the same clientmsgid (an earlier call lost: %s)",
    async (lost, { rig }) => {
      const steps = await ask(rig, { lost });
      await staysQuiet(rig, steps);
      expect(await steps.batch("offer")).toMatchObject({ state: "accepted" });
      expect(steps.sends).toHaveLength(lost ? 3 : 2);
      expect(keysOf(steps)).toBe(1);
      expect(await steps.counted("offer")).toBe(1);
    },
  );

  test("waits again for as long when it is answered so again", async ({ rig }) => {
    const steps = await ask(rig);
    await staysQuiet(rig, steps);
    steps.answers.push({ ...asked, errcode: 89505 });
    expect(await steps.batch("offer")).toMatchObject({ state: "planned", calls: 2 });
    expect((await steps.shown("offer")).waits).toEqual(["admin-confirmation", "30 min"]);
  });

  test("holds up another one, and neither lists nor tags", async ({ rig }) => {
    const steps = await ask(rig);
    const fates = [];
    for (const audience of ["list", "tag", "all"] as const) {
      await steps.campaign(audience, audience);
      fates.push(await steps.fate(audience));
    }
    expect(fates).toEqual(["accepted", "accepted", "admin-confirmation"]);
    expect((await steps.shown("all")).waits).toEqual(["admin-confirmation", "30 min"]);
    // What was accepted meanwhile does not end the wait.
    await staysQuiet(rig, steps);
  });

  test("is not made sooner because a person resumes the campaign or the account", async ({ rig }) => {
    const steps = await ask(rig);
    await steps.moves.campaign("offer", "resume", { who: "ops" });
    await steps.moves.account(account, "resume", { who: "ops" });
    expect((await steps.shown("offer")).waits).toEqual(["admin-confirmation", "30 min"]);
    await staysQuiet(rig, steps);
    expect(await steps.fate("offer")).toBe("accepted");
  });

  test("is not made any more once it is canceled, and gives its message of the month back", async ({
    rig,
  }) => {
    const steps = await ask(rig);
    await steps.moves.campaign("offer", "cancel", { who: "ops" });
    await steps.campaign("offer");
    expect(await rig.get(steps.address("offer"))).toMatchObject({
      ...{ state: "canceled", calls: 1 },
      trouble: { code: "CANCELED", remedy: expect.stringContaining("let them refuse") },
    });
    expect((await steps.shown("offer")).report).toEqual({ state: "canceled", reason: "CANCELED" });
    expect(await steps.counted("offer")).toBe(0);
    rig.clock.advance(30 * minute);
    await steps.batch("offer");
    expect(steps.sends).toHaveLength(1);
    // Who was asked can still agree: what goes out then is to be booked.
    await steps.deliver(account, result);
    expect(await rig.redis.zrange(rig.keys.unclaimed(account), "0", "-1")).toEqual(["77"]);
  });

  test("of which an earlier call is in doubt goes to a person once it is canceled", async ({ rig }) => {
    const steps = await ask(rig, { lost: true });
    await steps.moves.campaign("offer", "cancel", { who: "ops" });
    await steps.campaign("offer");
    expect(await rig.get(steps.address("offer"))).toMatchObject({ state: "needs_review", calls: 2 });
    expect(await steps.counted("offer")).toBe(1);
  });
});

describe("an accepted send to all of which a poll says that an administrator is waited for", () => {
  test("waits for them as long as polls say so, and no longer than they have", async ({ rig }) => {
    const steps = openSteps(rig);
    await steps.send("offer", "all");
    expect((await steps.shown("offer")).waits).toBeUndefined();
    const seen = [];
    for (const answer of [asked, { msg_status: "SENDING" }, asked]) {
      rig.clock.advance(minute);
      steps.answers.push(answer);
      expect(await steps.batch("offer")).toMatchObject({ state: "accepted" });
      const { state, waits, why } = await steps.shown("offer");
      seen.push([state, waits?.join(), why]);
    }
    expect(seen).toEqual([
      ["waiting", "admin-confirmation,29 min", 89504],
      ["sending", undefined, undefined],
      ["waiting", "admin-confirmation,27 min", 89504],
    ]);
    rig.clock.advance(27 * minute);
    steps.answers.push(asked);
    await steps.batch("offer");
    expect((await steps.shown("offer")).waits).toBeUndefined();
    expect(steps.sends).toHaveLength(1);
  });

  test("waits no more once the result has come", async ({ rig }) => {
    const steps = openSteps(rig);
    await steps.send("offer", "all", { errcode: 0, msg_id: 77 });
    rig.clock.advance(minute);
    steps.answers.push(asked);
    await steps.batch("offer");
    await steps.deliver(account, result);
    expect((await rig.get(steps.address("offer"))).wait).toBeUndefined();
    await steps.campaign("offer");
    expect(await steps.shown("offer")).toMatchObject({ state: "completed" });
  });
});

describe("a result that comes while an administrator is waited for", () => {
  /** WeChat has taken the call that it answered so: the repeat learns under which msg_id. */
  async function repeat(rig: Rig, steps: Steps) {
    await staysQuiet(rig, steps);
    steps.answers.push({ errcode: 45065, errmsg: "clientmsgid exist", msg_id: 77 });
    const batch = await steps.batch("offer");
    await steps.campaign("offer");
    expect(keysOf(steps)).toBe(1);
    return batch;
  }

  test("is kept, and is the batch's own when the repeat is answered 45065", async ({ rig }) => {
    const steps = await ask(rig);
    await steps.deliver(account, result);
    expect(await rig.state(steps.address("offer"))).toBe("planned");
    expect(await repeat(rig, steps)).toMatchObject({
      ...{ state: "succeeded", closedBy: "callback", msgId: "77", calls: 2 },
      counts: { total: 8, filtered: 0, sent: 8, failed: 0 },
    });
    expect(await steps.counted("offer")).toBe(1);
    expect((await steps.shown("offer")).report).toEqual({ state: "completed", reason: null });
  });

  test("is a refusal: the batch fails with the administrator's word, and gives back", async ({ rig }) => {
    const steps = await ask(rig);
    const nobody = { total: 0, filter: 0, sent: 0, error: 0 };
    const refused = { ...result, status: { err: 40001 }, rawStatus: "err(40001)", counts: nobody };
    await steps.deliver(account, refused);
    expect(await repeat(rig, steps)).toMatchObject({
      ...{ state: "failed", closedBy: "callback" },
      trouble: { code: "NOT_CONFIRMED", message: "An administrator refused the send (err(40001))" },
    });
    expect(await steps.counted("offer")).toBe(0);
    expect((await steps.shown("offer")).report).toEqual({ state: "failed", reason: "SEND_FAILED" });
  });
});
