import { describe, expect, test } from "vitest";
import { dayOf } from "../../src/campaign/calendar.ts";
import { first, trouble } from "../store/rig.ts";
import { openDeskRig } from "./desk-rig.ts";

const of = "/v1/accounts/acme";
const hello = { msgtype: "text", text: { content: "Hello" } };

describe("POST /v1/accounts/{account}/quota/refresh", () => {
  test("counts what was called elsewhere, once, and never less than we know", async () => {
    const { ask, elsewhere, openid } = await openDeskRig();
    await ask("POST", "/v1/previews", { account: "acme", message: hello, openid });
    for (let time = 0; time < 2; time++)
      await elsewhere("message/mass/preview", { ...hello, touser: openid });
    for (const added of [2, 0])
      expect(await ask("POST", `${of}/quota/refresh`)).toMatchObject({
        status: 200,
        body: {
          account: "acme",
          day: "2031-03-04",
          added: { preview: added, send: 0, delete: 0, uploadNews: 0 },
          warnings: [],
          wechat: expect.arrayContaining([
            {
              path: "/cgi-bin/message/mass/preview",
              dailyLimit: 100,
              used: 3,
              left: 97,
              rate: expect.anything(),
            },
          ]),
          quota: { preview: { limit: 100, used: 3, external: 2, held: 0, left: 97 } },
        },
      });
    // One more of ours on top: WeChat has counted it too, and nothing is added.
    expect(await ask("POST", "/v1/previews", { account: "acme", message: hello, openid })).toMatchObject({
      body: { left: 96 },
    });
    expect(await ask("POST", `${of}/quota/refresh`)).toMatchObject({
      body: { added: { preview: 0 }, quota: { preview: { used: 4, external: 2 } } },
    });
  });

  test("leaves our own number where WeChat counts fewer", async () => {
    const { ask, rig } = await openDeskRig();
    await rig.spend("2031-03-04", 7);
    expect(await ask("POST", `${of}/quota/refresh`)).toMatchObject({
      body: { added: { send: 0 }, quota: { send: { used: 7, external: 0, left: 93 } } },
    });
  });

  test("counts both send calls towards the sends, so that none too many is begun", async () => {
    const { ask, elsewhere, rig, openid } = await openDeskRig({ limits: { sendCallsPerDay: 3 } });
    await elsewhere("message/mass/send", { ...hello, touser: [openid, "o".repeat(28)] });
    await elsewhere("message/mass/sendall", { ...hello, filter: { is_to_all: false, tag_id: 100 } });
    expect(await ask("POST", `${of}/quota/refresh`)).toMatchObject({
      body: { quota: { send: { limit: 3, used: 2, external: 2, left: 1 } } },
    });
    const [one, two] = await rig.plan("offer", [2, 2]);
    if (!one || !two) throw new Error("there are not two");
    const limits = { sendCalls: 3 };
    expect(await rig.begin(one, limits)).toMatchObject({ word: "go" });
    await rig.accept(one, "1");
    expect(await rig.begin(two, limits)).toMatchObject({ word: "wait", reason: "daily-quota" });
  });

  test("warns of another limit, and holds to it today where it is lower", async () => {
    const { ask, rig } = await openDeskRig({
      limits: { sendCallsPerDay: 90, deleteCallsPerDay: 20 },
      sandbox: { sendCallsPerDay: 2 },
    });
    expect(await ask("POST", `${of}/quota/refresh`)).toMatchObject({
      body: {
        warnings: [
          "send: the accounts file allows 90 calls a day, WeChat says 2, which holds today.",
          "delete: the accounts file allows 20 calls a day, WeChat says 10, which holds today.",
        ],
        quota: { send: { limit: 2, left: 2 }, delete: { limit: 10, left: 10 } },
      },
    });
    await rig.go(first(await rig.plan("one")), { sendCalls: 90 });
    await rig.accept(first(await rig.plan("one")), "1");
    await rig.go(first(await rig.plan("two")), { sendCalls: 90 });
    await rig.accept(first(await rig.plan("two")), "2");
    expect(await rig.begin(first(await rig.plan("three")), { sendCalls: 90 })).toMatchObject({
      word: "wait",
      reason: "daily-quota",
    });
    rig.clock.set("2031-03-05T12:00:00+08:00");
    expect(await ask("GET", `${of}/quota`)).toMatchObject({ body: { send: { limit: 90, left: 90 } } });
  });

  test("only shows the sends of a subscription account, whose units are messages", async () => {
    const { ask, elsewhere } = await openDeskRig({ kind: "subscription" });
    await elsewhere("message/mass/sendall", { ...hello, filter: { is_to_all: "wrong" } });
    const { body } = await ask("POST", `${of}/quota/refresh`);
    expect(body).toMatchObject({ quota: { send: { limit: 1, used: 0, external: 0, left: 1 } } });
    expect(body.added).not.toHaveProperty("send");
    expect(body.wechat).toEqual(
      expect.arrayContaining([expect.objectContaining({ path: "/cgi-bin/message/mass/sendall", used: 1 })]),
    );
  });

  test("corrects nothing within seconds of midnight, and shows what WeChat does not know as such", async () => {
    const { ask, rig, elsewhere, openid, stage } = await openDeskRig();
    rig.clock.set("2031-03-04T23:59:58+08:00");
    await elsewhere("message/mass/preview", { ...hello, touser: openid });
    await stage("/faults", { api: "openapi/quota/get", fault: "errcode", errcode: 76021 });
    expect(await ask("POST", `${of}/quota/refresh`)).toMatchObject({
      body: {
        added: {},
        warnings: expect.arrayContaining([expect.stringMatching(/^preview: a day begins/)]),
        wechat: expect.arrayContaining([
          { path: "/cgi-bin/message/mass/send", error: expect.objectContaining({ errcode: 76021 }) },
        ]),
        quota: { preview: { used: 0 } },
      },
    });
  });
});

describe("POST /v1/accounts/{account}/quota/clear", () => {
  const clear = { confirm: "acme" };

  test("wants the account's id once more", async () => {
    const { ask, arrived } = await openDeskRig();
    for (const body of [{}, { confirm: "other" }, { confirm: true }])
      expect(await ask("POST", `${of}/quota/clear`, body)).toMatchObject({
        status: 422,
        body: { errors: [{ path: "confirm" }] },
      });
    expect(await arrived("clear_quota")).toBe(0);
  });

  test("has the day's calls begin anew, at WeChat and here; what is held stays", async () => {
    const { ask, openid, rig, acme } = await openDeskRig({ limits: { previewCallsPerDay: 2 } });
    const body = { account: "acme", message: hello, openid };
    await ask("POST", "/v1/previews", body);
    await rig.quotas.reserve(acme, { api: "preview", name: "held" }, rig.clock.now());
    const used = await rig.quotas.reserve(acme, { api: "delete", name: "under-way" }, rig.clock.now());
    if (used.word !== "held") throw new Error("there is no unit");
    await rig.quotas.commit(acme, used.unit, rig.clock.now());
    await rig.quotas.exhaust(acme, { api: "delete", day: "2031-03-04" });
    expect(await ask("POST", "/v1/previews", body)).toMatchObject({ status: 429 });

    expect(await ask("POST", `${of}/quota/clear`, clear)).toMatchObject({
      status: 200,
      body: {
        cleared: true,
        quota: {
          preview: { used: 0, held: 1, left: 1 },
          delete: { used: 0, held: 0, left: 10, stopped: null },
        },
      },
    });
    // A call that was under way gives back nothing that is not counted any more.
    await rig.quotas.release(acme, used.unit);
    expect(await ask("GET", `${of}/quota`)).toMatchObject({ body: { delete: { used: 0, left: 10 } } });
    expect(await ask("POST", "/v1/previews", body)).toMatchObject({ status: 200, body: { left: 0 } });
    expect(await ask("POST", `${of}/quota/refresh`)).toMatchObject({ body: { added: { preview: 0 } } });
  });

  test("keeps sends counted that may have gone out, and wakes what waited for calls", async () => {
    const { ask, rig, woken } = await openDeskRig({ limits: { sendCallsPerDay: 3 } });
    const [sent, doubtful, refused] = await rig.plan("offer", [2, 2, 2]);
    if (!sent || !doubtful || !refused) throw new Error("there are not three");
    await rig.go(sent);
    await rig.accept(sent, "1");
    await rig.doubt(doubtful, await rig.go(doubtful));
    const dayEndsAt = rig.limits().dayEndsAt;
    const spent = { ...trouble, errcode: 45009 };
    await rig.postpone(refused, await rig.go(refused), {
      trouble: spent,
      block: { reason: "daily-quota", till: dayEndsAt, trouble: spent },
    });
    expect(await rig.begin(refused)).toMatchObject({ word: "wait", reason: "daily-quota" });
    expect(await ask("POST", `${of}/quota/clear`, clear)).toMatchObject({
      body: { quota: { send: { used: 2, left: 1, stopped: null } } },
    });
    expect(await rig.units(dayOf(rig.clock.now()))).toEqual(["offer~1#1", "offer~2#1"]);
    expect(woken.sort()).toEqual(["offer~1", "offer~2", "offer~3"]);
    expect(await rig.begin(refused, { sendCalls: 3 })).toMatchObject({ word: "go" });
  });

  test("leaves a stop for want of messages, 45028, as it is", async () => {
    const { ask, rig } = await openDeskRig();
    const one = first(await rig.plan("offer"));
    const spent = { ...trouble, errcode: 45028 };
    const till = rig.limits().dayEndsAt;
    await rig.postpone(one, await rig.go(one), {
      trouble: spent,
      block: { reason: "daily-quota", till, trouble: spent },
    });
    expect(await ask("POST", `${of}/quota/clear`, clear)).toMatchObject({
      body: { quota: { send: { left: 0, stopped: { reason: "daily-quota" } } } },
    });
  });

  test("changes nothing of ours when WeChat refuses", async () => {
    const { ask, rig, stage } = await openDeskRig();
    await rig.spend("2031-03-04", 7);
    await stage("/faults", { api: "clear_quota", fault: "errcode", errcode: 48006 });
    expect(await ask("POST", `${of}/quota/clear`, clear)).toMatchObject({
      status: 503,
      body: { code: "WECHAT_NOT_NOW", errcode: 48006 },
    });
    expect(await ask("GET", `${of}/quota`)).toMatchObject({ body: { send: { used: 7 } } });
  });
});
