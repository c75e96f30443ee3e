import { describe, expect, it } from "vitest";
import { demoAccount } from "../../src/sandbox/demo-account.ts";
import { openRig } from "./rig.ts";

const { appid, secret: appsecret } = demoAccount;
const path = (call: string) => ({ cgi_path: `/cgi-bin/${call}` });

describe("openapi/quota/get", () => {
  it("tells what is left of a call's day", async () => {
    const { call, send, draft } = await openRig();
    await send();
    await send({ touser: [] });
    await draft();
    expect(await call("openapi/quota/get", path("message/mass/send"))).toMatchObject({
      errcode: 0,
      quota: { daily_limit: 100, used: 2, remain: 98 },
      rate_limit: { call_count: 60, refresh_second: 60 },
    });
    expect(await call("openapi/quota/get", path("message/mass/sendall"))).toMatchObject({
      quota: { daily_limit: 100, used: 0, remain: 100 },
    });
    expect(await call("openapi/quota/get", path("draft/add"))).toMatchObject({
      quota: { daily_limit: 1000, used: 1, remain: 999 },
    });
  });

  it.each([
    ["token", 2000],
    ["stable_token", 500_000],
    ["media/upload", 100_000],
    ["media/uploadnews", 10],
    ["draft/get", 500],
    ["draft/batchget", 1000],
    ["message/mass/preview", 100],
    ["message/mass/delete", 10],
    ["user/get", 500],
    ["user/info", 5_000_000],
    ["user/info/updateremark", 10_000],
    ["menu/create", 1000],
    ["menu/get", 10_000],
    ["menu/delete", 1000],
    ["menu/addconditional", 2000],
    ["menu/delconditional", 2000],
    ["menu/trymatch", 20_000],
    ["qrcode/create", 100_000],
  ])("says that %s may be called %i times a day", async (call, daily_limit) => {
    const rig = await openRig();
    expect(await rig.call("openapi/quota/get", path(call))).toMatchObject({ quota: { daily_limit } });
  });

  it.each(["cgi-bin/message/mass/send", "/cgi-bin/message/mass/send?x=1", "/cgi-bin/nothing", undefined])(
    "refuses the path %o",
    async (cgi_path) => {
      const { call } = await openRig();
      expect(await call("openapi/quota/get", { cgi_path })).toMatchObject({ errcode: 76021 });
    },
  );
});

describe("clear_quota", () => {
  it("lets calls go on that had their day, but gives no message back", async () => {
    const { call, send } = await openRig({ sendCallsPerDay: 2 });
    await send({ touser: [] });
    await send();
    expect(await send()).toMatchObject({ errcode: 45009 });
    expect(await call("clear_quota", { appid })).toEqual({ errcode: 0, errmsg: "ok" });
    expect(await send()).toMatchObject({ errcode: 0 });
    await call("clear_quota", { appid });
    expect(await send()).toMatchObject({ errcode: 45028 });
  });

  it("knows its account", async () => {
    const { call } = await openRig();
    expect(await call("clear_quota", { appid: "wxother" })).toMatchObject({ errcode: 40013 });
  });

  it("needs no token as v2, with appid and secret in body or query", async () => {
    const { post, call, ask } = await openRig();
    expect(await post("/cgi-bin/clear_quota/v2", { appid, appsecret })).toMatchObject({ errcode: 0 });
    const query = new URLSearchParams({ appid, appsecret });
    expect(await ask(`/cgi-bin/clear_quota/v2?${query}`, { method: "POST" })).toMatchObject({ errcode: 0 });
    expect(await call("clear_quota", { appid })).toMatchObject({ errcode: 0 });
  });

  it.each([
    [{ appsecret }, 41002],
    [{ appid }, 41004],
    [{ appid: "wxother", appsecret }, 40013],
    [{ appid, appsecret: "x" }, 40125],
  ])("refuses %o as v2", async (body, errcode) => {
    const { post } = await openRig();
    expect(await post("/cgi-bin/clear_quota/v2", body)).toMatchObject({ errcode });
  });

  it("works ten times a month, both together", async () => {
    const { call, post, advance } = await openRig();
    for (let count = 0; count < 5; count++) {
      await call("clear_quota", { appid });
      await post("/cgi-bin/clear_quota/v2", { appid, appsecret });
    }
    expect(await call("clear_quota", { appid })).toMatchObject({ errcode: 48006 });
    expect(await post("/cgi-bin/clear_quota/v2", { appid, appsecret })).toMatchObject({ errcode: 48006 });
    advance(Date.parse("2026-12-01T00:00:00+08:00") - Date.parse("2026-11-15T12:00:00+08:00"));
    expect(await call("clear_quota", { appid })).toMatchObject({ errcode: 0 });
  });
});
