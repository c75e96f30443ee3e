import { describe, expect } from "vitest";
import type { MassResult } from "../../src/wechat/events.ts";
import { openSteps, type Steps } from "./errcode-rig.ts";
import { account, hour, minute, type Rig, test } from "./rig.ts";

const draft = { message: { msgtype: "mpnews", mpnews: { media_id: "DRAFT" } } };

/** What each call of a batch has carried. */
const carried = (steps: Steps) =>
  steps.sends.map((body) => (body as unknown as { mpnews: { media_id: string } }).mpnews.media_id);

const accepted = (msgId: number) => ({ errcode: 0, errmsg: "ok", msg_id: msgId, msg_data_id: 2_247_483_663 });

const success = (msgId: number): MassResult => ({
  ...{ kind: "mass-result", msgId: String(msgId), status: "success", rawStatus: "send success" },
  ...{ counts: { total: 2, filter: 2, sent: 2, error: 0 }, articleUrls: [] },
});

/** A campaign of two batches whose first call is answered so. */
async function begin(rig: Rig, ...told: object[]) {
  const steps = openSteps(rig);
  await steps.campaign("offer", "list", draft);
  steps.answers.push(...told);
  await steps.batch("offer", 1);
  return steps;
}

describe("a draft for several batches", () => {
  test("is sent by its media_id until a success has used it up, and by its msg_data_id from then on, days later too", async ({
    rig,
  }) => {
    const steps = await begin(rig, accepted(1));
    await steps.deliver(account, success(1));
    rig.clock.advance(30 * hour);
    steps.answers.push(accepted(2));
    expect((await steps.batch("offer", 2)).state).toBe("accepted");
    expect(carried(steps)).toEqual(["DRAFT", "2247483663"]);
  });

  test("that is used up before its success is told of costs one call in vain", async ({ rig }) => {
    const steps = await begin(rig, accepted(1));
    steps.answers.push({ errcode: 40007, errmsg: "invalid media_id" }, accepted(2));
    const [first] = [await steps.batch("offer", 2)];
    const second = first.state === "planned" ? await steps.batch("offer", 2) : first;
    expect(second.state).toBe("accepted");
    expect(carried(steps)).toEqual(["DRAFT", "DRAFT", "2247483663"]);
    expect(new Set(steps.sends.map(({ clientmsgid }) => clientmsgid)).size).toBe(2);
  });

  test("that WeChat never knew is refused for all of them", async ({ rig }) => {
    const steps = await begin(rig, { errcode: 40007, errmsg: "invalid media_id" });
    expect((await rig.get(steps.address("offer"))).state).toBe("failed");
    await steps.campaign("offer");
    expect(carried(steps)).toEqual(["DRAFT"]);
    expect((await steps.shown("offer")).report).toMatchObject({ state: "failed", reason: "REFUSED" });
  });

  test("is repeated as it was while its call is in doubt, though another has succeeded meanwhile", async ({
    rig,
  }) => {
    const steps = await begin(rig, { errcode: -1, errmsg: "busy" });
    steps.answers.push(accepted(2));
    await steps.batch("offer", 2);
    await steps.deliver(account, success(2));
    rig.clock.advance(2 * minute);
    steps.answers.push(accepted(1));
    expect((await steps.batch("offer", 1)).state).toBe("accepted");
    expect(carried(steps)).toEqual(["DRAFT", "DRAFT", "DRAFT"]);
  });

  test("whose repeat is told that it is gone is asked again by the msg_data_id, with the same clientmsgid", async ({
    rig,
  }) => {
    const steps = await begin(rig, { errcode: -1, errmsg: "busy" });
    steps.answers.push(accepted(2));
    await steps.batch("offer", 2);
    rig.clock.advance(2 * minute);
    steps.answers.push(
      { errcode: 40007, errmsg: "invalid media_id" },
      {
        ...{ errcode: 45065, errmsg: "clientmsgid exist", msg_id: 1 },
      },
    );
    for (let runs = 0; runs < 3; runs++) await steps.batch("offer", 1);
    expect((await rig.get(steps.address("offer"))).state).toBe("accepted");
    expect(carried(steps)).toEqual(["DRAFT", "DRAFT", "DRAFT", "2247483663"]);
    const [first, , again, last] = steps.sends.map(({ clientmsgid }) => clientmsgid);
    expect([again, last]).toEqual([first, first]);
  });
});
