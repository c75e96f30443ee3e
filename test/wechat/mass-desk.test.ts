import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PreviewMessage } from "../../src/campaign/message.ts";
import { createApiQuota } from "../../src/wechat/api-quota.ts";
import { createMass } from "../../src/wechat/mass.ts";
import { createMassDesk, type Speed } from "../../src/wechat/mass-desk.ts";
import { openRecorder, type Recorder } from "./recorder.ts";

let wechat: Recorder;
let desk: ReturnType<typeof createMassDesk>;
beforeEach(async () => {
  wechat = await openRecorder();
  desk = createMassDesk(wechat.parts);
});
afterEach(async () => {
  await wechat.close();
  expect(wechat.faults).toEqual([]);
});

const openid = "oTEST00000000000000000000001";
const text: PreviewMessage = { msgtype: "text", text: { content: "群发 🎉\n\t预览" } };

describe("a send to a tag or to all", () => {
  it("arrives at sendall, and is accepted with ids beyond 2^53", async () => {
    const mass = createMass(wechat.parts);
    const prepared = mass.prepare({
      message: { msgtype: "mpnews", mpnews: { media_id: "DRAFT" } },
      sendIgnoreReprint: 0,
      clientmsgid: "0123456789abcdef0123456789abcdef",
      target: { tagId: 100 },
    });
    wechat.answer(
      '{"errcode":0,"errmsg":"send job submission success","msg_id":90261533849829378,"msg_data_id":206227730}',
    );
    expect(await mass.send("token-1", prepared)).toEqual({
      kind: "accepted",
      msgId: "90261533849829378",
      msgDataId: "206227730",
    });
    expect(wechat.last()).toMatchObject({
      path: "/cgi-bin/message/mass/sendall",
      query: { access_token: "token-1" },
      json: {
        filter: { is_to_all: false, tag_id: 100 },
        msgtype: "mpnews",
        mpnews: { media_id: "DRAFT" },
        send_ignore_reprint: 0,
        clientmsgid: "0123456789abcdef0123456789abcdef",
      },
    });
  });
});

describe("a preview", () => {
  it("goes to one follower, by OpenID or by WeChat id", async () => {
    wechat.answer('{"errcode":0,"errmsg":"preview success","msg_id":34182}');
    expect(await desk.preview({ target: { openid }, message: text })).toEqual({
      kind: "done",
      value: { msgId: "34182" },
      requests: 1,
    });
    expect(wechat.last()).toMatchObject({
      path: "/cgi-bin/message/mass/preview",
      text: `{"touser":"${openid}","msgtype":"text","text":{"content":"群发 🎉\\n\\t预览"}}`,
    });

    wechat.answer('{"errcode":0,"errmsg":"preview success"}');
    expect(await desk.preview({ target: { wxname: "my-id" }, message: text })).toMatchObject({ value: {} });
    expect(wechat.last().json).toEqual({ towxname: "my-id", ...text });
  });

  it("is refused for somebody who does not follow, without telling who", async () => {
    wechat.answer(`{"errcode":43004,"errmsg":"require subscribe [${openid}]"}`);
    expect(await desk.preview({ target: { openid }, message: text })).toEqual({
      kind: "refused",
      error: { errcode: 43004, message: "require subscribe […]" },
      requests: 1,
    });
  });
});

describe("a delete", () => {
  it("names a msg_id of 64 bits as a number, and says that it is of the whole message", async () => {
    expect(await desk.delete({ msgId: "90261533849829378" })).toEqual({
      kind: "done",
      value: undefined,
      requests: 1,
    });
    expect(wechat.last()).toMatchObject({
      path: "/cgi-bin/message/mass/delete",
      text: '{"msg_id":90261533849829378,"article_idx":0}',
    });
  });

  it("names a single article, or the address of one", async () => {
    await desk.delete({ msgId: "30124", articleIdx: 2 });
    expect(wechat.last().json).toEqual({ msg_id: 30124, article_idx: 2 });
    await desk.delete({ url: "http://mp.weixin.qq.com/s?__biz=A&mid=1" });
    expect(wechat.last().json).toEqual({ url: "http://mp.weixin.qq.com/s?__biz=A&mid=1", article_idx: 0 });
  });

  it("counts when it is refused, and is one request when the token is", async () => {
    wechat.answer(
      '{"errcode":40204,"errmsg":"cannot delete"}',
      '{"errcode":40001,"errmsg":"invalid credential"}',
    );
    expect(await desk.delete({ msgId: "1" })).toMatchObject({ kind: "refused", requests: 1 });
    expect(await desk.delete({ msgId: "1" })).toMatchObject({ kind: "token", requests: 1 });
    expect(await desk.delete({ msgId: "1" })).toMatchObject({ kind: "done", requests: 1 });
    expect(wechat.requests.map(({ query }) => query.access_token)).toEqual(["token-1", "token-1", "token-2"]);
  });
});

describe("the speed", () => {
  it("is told by the table and by the answer, which may differ", async () => {
    wechat.answer('{"speed":3,"realspeed":15}', '{"errcode":0,"speed":"0"}', '{"speed":7}');
    expect(await desk.getSpeed()).toEqual({
      kind: "done",
      value: { speed: 3, listed: 300_000, said: 150_000 },
    });
    expect(wechat.last()).toMatchObject({ path: "/cgi-bin/message/mass/speed/get", text: "{}" });
    expect(await desk.getSpeed()).toEqual({ kind: "done", value: { speed: 0, listed: 800_000 } });
    expect(await desk.getSpeed()).toMatchObject({ kind: "unclear" });
  });

  it.each<Speed>([0, 1, 2, 3, 4])("is set to %d", async (speed) => {
    wechat.answer('{"errcode":0,"errmsg":""}');
    expect(await desk.setSpeed(speed)).toEqual({ kind: "done", value: undefined });
    expect(wechat.last()).toMatchObject({ path: "/cgi-bin/message/mass/speed/set", json: { speed } });
  });

  it("waits for an administrator, or for WeChat's speed server", async () => {
    wechat.answer('{"errcode":89504,"errmsg":"x"}', '{"errcode":45085,"errmsg":"speed server err"}');
    expect(await desk.setSpeed(1)).toMatchObject({ kind: "not-now", wait: "admin" });
    expect(await desk.setSpeed(1)).toMatchObject({ kind: "unclear" });
  });
});

describe("WeChat's own count of an interface", () => {
  it("is asked for by its path", async () => {
    const quota = createApiQuota(wechat.parts);
    wechat.answer(
      '{"errcode":0,"errmsg":"ok","quota":{"daily_limit":100,"used":3,"remain":97},"rate_limit":{"call_count":5600,"refresh_second":60}}',
      '{"quota":{"daily_limit":100,"used":3,"remain":97}}',
      '{"errcode":76021,"errmsg":"cgi_path not found"}',
    );
    const of = "/cgi-bin/message/mass/sendall";
    const view = { dailyLimit: 100, used: 3, left: 97 };
    expect(await quota.get(of)).toEqual({
      kind: "done",
      value: { ...view, rate: { calls: 5600, seconds: 60 } },
    });
    expect(wechat.last()).toMatchObject({ path: "/cgi-bin/openapi/quota/get", json: { cgi_path: of } });
    expect(await quota.get(of)).toEqual({ kind: "done", value: view });
    expect(await quota.get("/nowhere")).toMatchObject({ kind: "refused", error: { errcode: 76021 } });
  });

  it("is set to 0 for this appid, ten times a month", async () => {
    const quota = createApiQuota(wechat.parts);
    expect(await quota.clear()).toEqual({ kind: "done", value: undefined });
    expect(wechat.last()).toMatchObject({
      path: "/cgi-bin/clear_quota",
      json: { appid: "wx0123456789abcdef" },
    });
    wechat.answer('{"errcode":48006,"errmsg":"forbid to clear quota because of reaching the limit"}');
    expect(await quota.clear()).toMatchObject({ kind: "not-now", wait: "month" });
  });
});
