import { describe, expect, it } from "vitest";
import { demoAccount } from "../../src/sandbox/demo-account.ts";
import { followers, type Json, openRig } from "./rig.ts";

const day = 24 * 3_600_000;
const subscription = { ...demoAccount, kind: "subscription" as const };
const tagged = (filter: Json) => ({ filter });

describe("mass/sendall", () => {
  it("sends to all followers", async () => {
    const { sendall, job, receiver } = await openRig();
    const reply = await sendall();
    expect(reply).toEqual({
      errcode: 0,
      errmsg: "send job submission success",
      msg_id: expect.any(Number),
    });
    await receiver.callback();
    expect(await job(reply.msg_id)).toMatchObject({
      api: "mass/sendall",
      toAll: true,
      size: 50,
      status: "SEND_SUCCESS",
      counts: { total: 50, filter: 50, sent: 50, error: 0 },
    });
  });

  it("has msg_ids of both ranges: to all from 10^9 on, to a tag above 2^31", async () => {
    const { sendall, poll } = await openRig();
    const toAll = Number((await sendall()).msg_id);
    expect(toAll).toBeGreaterThan(10 ** 9);
    expect(toAll).toBeLessThan(2 ** 31);
    expect(await poll(toAll)).toHaveProperty("msg_status");
    expect((await sendall(tagged({ tag_id: 100 }))).msg_id).toBeGreaterThan(2 ** 31);
  });

  it.each([
    ["a number", { is_to_all: false, tag_id: 100 }],
    ["a numeric text", { tag_id: "100" }],
    ["the older name", { group_id: "100" }],
  ])("sends to a tag given as %s", async (_what, filter) => {
    const { sendall, job, ask } = await openRig();
    const { msg_id } = await sendall(tagged(filter));
    expect(await job(msg_id)).toMatchObject({ toAll: false, counts: { total: 5, sent: 5 } });
    const { recipients } = await ask(`/sandbox/books/demo/jobs/${msg_id}/recipients`);
    expect((recipients as Json[]).map(({ openid }) => openid)).toEqual(
      [0, 10, 20, 30, 40].flatMap((index) => followers(index, index + 1)),
    );
  });

  it("filters those who had their four messages this month, and the blacklisted", async () => {
    const { send, sendall, call, job } = await openRig();
    for (let round = 0; round < 4; round++) await send({ touser: followers(0, 11) });
    await call("tags/members/batchblacklist", { openid_list: followers(20, 21) });
    const { msg_id } = await sendall(tagged({ tag_id: 100 }));
    expect((await job(msg_id)).counts).toEqual({ total: 5, filter: 2, sent: 2, error: 0 });
  });

  it.each([
    ["a tag that does not exist", tagged({ tag_id: 999 }), 40152],
    ["neither all nor a tag", tagged({}), 40152],
    ["no filter", tagged(undefined as unknown as Json), 40008],
    ["is_to_all as text", tagged({ is_to_all: "true" }), 40008],
    ["a tag that is no number", tagged({ tag_id: "VIP" }), 40008],
    ["a card", { msgtype: "wxcard", wxcard: { card_id: "x" } }, 45113],
    ["music, for which there is no body", { msgtype: "music", music: {} }, 40008],
    ["a body of another msgtype", { msgtype: "image" }, 40008],
    ["media that is missing", { msgtype: "voice", voice: { media_id: "missing" } }, 40007],
    ["an empty text", { text: { content: "" } }, 44004],
    ["21 pictures", { msgtype: "image", images: { media_ids: Array(21).fill("a") } }, 40215],
    ["a clientmsgid of 33 bytes", { clientmsgid: "a".repeat(33) }, 45067],
    ["a send_ignore_reprint other than 0 and 1", { send_ignore_reprint: 2 }, 47003],
  ])("refuses %s", async (_what, change, errcode) => {
    const { sendall } = await openRig();
    expect(await sendall(change)).toMatchObject({ errcode });
  });

  it.each([
    ["mpnews", { mpnews: { media_id: "draft" } }],
    ["voice", { voice: { media_id: "sound" } }],
    ["image", { images: { media_ids: ["a", "b"] } }],
    ["image", { image: { media_id: "a" } }],
    ["mpvideo", { mpvideo: { media_id: "film" } }],
    ["video", { mpvideo: { media_id: "film" } }],
    ["mpvideo", { video: { media_id: "film" } }],
  ])("accepts %s with %o", async (msgtype, body) => {
    const { sendall } = await openRig();
    const reply = await sendall({ msgtype, ...body });
    expect(reply).toMatchObject({ errcode: 0 });
    expect("msg_data_id" in reply).toBe(msgtype === "mpnews");
  });

  it("knows a message that comes again, by its clientmsgid or by what it says to whom", async () => {
    const { sendall } = await openRig({ retryGapMs: 0 });
    const filter = { tag_id: 100 };
    const { msg_id } = await sendall({ filter, clientmsgid: "a" });
    expect(await sendall({ filter, clientmsgid: "a" })).toMatchObject({ errcode: 45065, msg_id });
    const bare = { filter, clientmsgid: undefined, text: { content: "同" } };
    const first = await sendall(bare);
    expect(await sendall(bare)).toMatchObject({ errcode: 45065, msg_id: first.msg_id });
    expect(await sendall({ ...bare, filter: { tag_id: 101 } })).toMatchObject({ errcode: 0 });
  });

  it("gets 45066 when it comes again within a minute", async () => {
    const { sendall } = await openRig();
    await sendall({ clientmsgid: "a" });
    expect(await sendall({ clientmsgid: "a" })).toMatchObject({ errcode: 45066 });
  });
});

describe("the quota of messages to all", () => {
  it("of a service account is one a day and four a month", async () => {
    const { sendall, advance } = await openRig();
    for (let count = 1; count <= 4; count++) {
      expect(await sendall()).toMatchObject({ errcode: 0 });
      expect(await sendall()).toMatchObject({ errcode: 45028 });
      expect(await sendall({ filter: { tag_id: 100 } })).toMatchObject({ errcode: 0 });
      advance(day);
    }
    expect(await sendall()).toMatchObject({ errcode: 45028 });
    advance(Date.parse("2026-12-01T00:00:00+08:00") - Date.parse("2026-11-19T12:00:00+08:00"));
    expect(await sendall()).toMatchObject({ errcode: 0 });
  });

  it("is shared with the console", async () => {
    const { sendall, ask, sandbox } = await openRig();
    const path = "/sandbox/accounts/demo/console-sends";
    expect(await ask(path, { method: "POST" })).toMatchObject({ counts: { total: 50, sent: 50 } });
    expect(await sendall()).toMatchObject({ errcode: 45028 });
    expect((await fetch(sandbox.url + path, { method: "POST" })).status).toBe(409);
  });

  it("is given back by a message that failed, to a service account", async () => {
    const { sendall, fault, receiver } = await openRig();
    await fault({ api: "mass/sendall", fault: "err", err: 20001 });
    await sendall();
    await receiver.callback();
    expect(await sendall()).toMatchObject({ errcode: 0 });
    expect(await sendall()).toMatchObject({ errcode: 45028 });
  });

  it("is given back for the month as well", async () => {
    const { sendall, fault, receiver, advance } = await openRig();
    await fault({ api: "mass/sendall", fault: "send-fail", times: 4 });
    for (let count = 1; count <= 8; count++) {
      expect(await sendall()).toMatchObject({ errcode: 0 });
      await receiver.callback(count);
      if (count > 4) advance(day);
    }
    expect(await sendall()).toMatchObject({ errcode: 45028 });
  });

  it("is not given back to a day that begins only after the acceptance", async () => {
    const { sendall, fault, receiver, advance } = await openRig({ callbackDelayMs: [300, 300] });
    await fault({ api: "mass/sendall", fault: "send-fail" });
    await sendall();
    advance(day);
    await fault({ api: "mass/sendall", fault: "stuck" });
    expect(await sendall()).toMatchObject({ errcode: 0 });
    await receiver.callback();
    expect(await sendall()).toMatchObject({ errcode: 45028 });
  });

  it("of a subscription account has no end in the month", async () => {
    const { sendall, advance } = await openRig({ accounts: [subscription] });
    for (let count = 1; count <= 6; count++) {
      expect(await sendall()).toMatchObject({ errcode: 0 });
      advance(day);
    }
  });

  it("and to a tag, of a subscription account, is one accepted message a day", async () => {
    const { sendall, advance, fault } = await openRig({ accounts: [subscription] });
    await fault({ api: "mass/sendall", fault: "err", err: 20001 });
    expect(await sendall({ filter: { tag_id: 100 } })).toMatchObject({ errcode: 0 });
    expect(await sendall({ filter: { tag_id: 101 } })).toMatchObject({ errcode: 45028 });
    advance(day);
    expect(await sendall()).toMatchObject({ errcode: 0 });
  });

  it("of a subscription account is used up by the console as well", async () => {
    const { sendall, ask } = await openRig({ accounts: [subscription] });
    await ask("/sandbox/accounts/demo/console-sends", { method: "POST" });
    expect(await sendall({ filter: { tag_id: 100 } })).toMatchObject({ errcode: 45028 });
  });
});

describe("the quota of calls", () => {
  it("is 45009 for sendall as well, and shares the minute with send", async () => {
    const { sendall, send, advance } = await openRig({ sendCallsPerDay: 2, callsPerMinute: 3 });
    await sendall(tagged({ tag_id: 999 }));
    await sendall(tagged({ tag_id: 999 }));
    expect(await sendall()).toMatchObject({ errcode: 45009 });
    expect(await send()).toMatchObject({ errcode: 45011 });
    advance(60_000);
    expect(await send()).toMatchObject({ errcode: 0 });
  });
});

describe("messages of both calls", () => {
  it("count together against 45028", async () => {
    const { sendall, send } = await openRig({ sendCallsPerDay: 2 });
    await send();
    await sendall(tagged({ tag_id: 100 }));
    expect(await send()).toMatchObject({ errcode: 45028 });
    expect(await sendall(tagged({ tag_id: 101 }))).toMatchObject({ errcode: 45028 });
  });
});
