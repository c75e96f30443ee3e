import { describe, expect, test } from "vitest";
import { openDeskRig } from "./desk-rig.ts";

const hello = { msgtype: "text", text: { content: "你好" } };

describe("POST /v1/previews", () => {
  test("shows a message to one follower, and counts it", async () => {
    const { ask, openid, stage } = await openDeskRig({ limits: { previewCallsPerDay: 3 } });
    expect(await ask("POST", "/v1/previews", { account: "acme", message: hello, openid })).toEqual({
      status: 200,
      body: { account: "acme", left: 2 },
    });
    const named = { account: "acme", message: hello, wxname: "zhangsan" };
    expect(await ask("POST", "/v1/previews", named)).toMatchObject({ body: { left: 1 } });
    expect(await stage("/books/acme")).toMatchObject({
      previews: [{ to: `${openid.slice(0, 6)}…`, msgtype: "text" }, { to: "zhangs…" }],
    });
    expect(await ask("GET", "/v1/accounts/acme/quota")).toMatchObject({
      body: { preview: { limit: 3, used: 2, external: 0, held: 0, left: 1 } },
    });
  });

  test("asks no more once the day is spent, and says until when", async () => {
    const { ask, door, openid, arrived } = await openDeskRig({ limits: { previewCallsPerDay: 1 } });
    const body = { account: "acme", message: hello, openid };
    await ask("POST", "/v1/previews", body);
    const answer = await door.ask("/v1/previews", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(429);
    expect(answer.headers["retry-after"]).toBe(String(12 * 3_600));
    expect(answer.json()).toMatchObject({
      code: "QUOTA_SPENT",
      reason: "daily-quota",
      until: "2031-03-04T16:00:00.000Z",
    });
    expect(await arrived("mass/preview")).toBe(1);
  });

  test("believes WeChat that the day is spent, whatever our own count is", async () => {
    const { ask, openid, stage, arrived } = await openDeskRig();
    await stage("/faults", { api: "mass/preview", fault: "errcode", errcode: 45009 });
    const body = { account: "acme", message: hello, openid };
    expect(await ask("POST", "/v1/previews", body)).toMatchObject({
      status: 429,
      body: { code: "QUOTA_SPENT", errcode: 45009, rid: expect.any(String) },
    });
    expect(await ask("POST", "/v1/previews", body)).toMatchObject({ status: 429 });
    expect(await arrived("mass/preview")).toBe(1);
    expect(await ask("GET", "/v1/accounts/acme/quota")).toMatchObject({ body: { preview: { left: 0 } } });
  });

  test("takes a second unit for the repeat with a fresh token, and no third", async () => {
    const { ask, openid, stage } = await openDeskRig();
    const body = { account: "acme", message: hello, openid };
    await stage("/faults", { api: "mass/preview", fault: "token-invalid" });
    expect(await ask("POST", "/v1/previews", body)).toMatchObject({ status: 200, body: { left: 98 } });
    const again = await openDeskRig();
    await again.stage("/faults", { api: "mass/preview", fault: "token-invalid", times: 2 });
    expect(await again.ask("POST", "/v1/previews", body)).toMatchObject({
      status: 503,
      body: { code: "WECHAT_NOT_NOW", errcode: 40001 },
    });
    expect(await again.arrived("mass/preview")).toBe(2);
    expect(await again.ask("GET", "/v1/accounts/acme/quota")).toMatchObject({
      body: { preview: { used: 2 } },
    });
  });

  test("keeps the unit of one that may have arrived, and gives back that of one that never left", async () => {
    const { ask, openid, stage, sandbox } = await openDeskRig();
    const body = { account: "acme", message: hello, openid };
    await stage("/faults", { api: "mass/preview", fault: "answer-lost" });
    expect(await ask("POST", "/v1/previews", body)).toMatchObject({ body: { code: "WECHAT_UNREACHABLE" } });
    expect(await ask("GET", "/v1/accounts/acme/quota")).toMatchObject({ body: { preview: { used: 1 } } });
    await sandbox.close();
    expect(await ask("POST", "/v1/previews", body)).toMatchObject({
      status: 502,
      body: { code: "WECHAT_UNREACHABLE" },
    });
    expect(await ask("GET", "/v1/accounts/acme/quota")).toMatchObject({
      body: { preview: { used: 1, held: 0 } },
    });
  });

  test.for<[string, object, number]>([
    ["somebody who does not follow", { openid: "oStranger_of_nobody_at_all00", message: hello }, 43004],
    ["a WeChat id that is none", { wxname: "1", message: hello }, 40132],
    ["a WeChat id that does not follow", { wxname: "stranger1", message: hello }, 43004],
    [
      "media that there are not",
      { wxname: "zhangsan", message: { msgtype: "mpnews", mpnews: { media_id: "missing" } } },
      40007,
    ],
  ])("says what WeChat refuses: %s", async ([_what, body, errcode]) => {
    const { ask } = await openDeskRig();
    const answer = await ask("POST", "/v1/previews", { account: "acme", ...body });
    expect(answer.body).toMatchObject({ code: "WECHAT_REFUSED", errcode, rid: expect.any(String) });
    expect(JSON.stringify(answer)).not.toContain("oStranger");
  });

  test.for<[string, object, string, RegExp]>([
    ["nobody", { message: hello }, "openid", /either openid or wxname/],
    ["two", { message: hello, openid: "o".repeat(28), wxname: "zhangsan" }, "openid", /either/],
    ["no OpenID", { message: hello, openid: "o" }, "openid", /an OpenID/],
    [
      "several pictures",
      { message: { msgtype: "image", images: { media_ids: ["m"] } }, wxname: "zhangsan" },
      "message.images",
      /single picture/,
    ],
    [
      "content",
      { message: { msgtype: "mpnews", articles: [] }, wxname: "zhangsan" },
      "message",
      /not yet: content/,
    ],
    [
      "an account that there is not",
      { account: "x", message: hello, wxname: "zhangsan" },
      "account",
      /accounts file/,
    ],
  ])("refuses %s before it counts anything", async ([_what, body, path, message]) => {
    const { ask, rig } = await openDeskRig();
    expect(await ask("POST", "/v1/previews", { account: "acme", ...body })).toMatchObject({
      status: 422,
      body: { code: "INVALID_PARAMETER", errors: [{ path, message: expect.stringMatching(message) }] },
    });
    expect(await rig.dump()).toEqual({});
  });
});
