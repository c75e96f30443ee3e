import { describe, expect, it } from "vitest";
import { demoAccount } from "../../src/sandbox/demo-account.ts";
import { unfollowedOpenid } from "../../src/sandbox/followers.ts";
import { followers, openRig } from "./rig.ts";

const [one = "", two = ""] = followers(0, 2);

describe("mass/send", () => {
  it("accepts a text and says so in WeChat's words", async () => {
    const { send } = await openRig();
    expect(await send()).toEqual({
      errcode: 0,
      errmsg: "send job submission success",
      msg_id: expect.any(Number),
    });
  });

  it.each([
    ["mpnews", { mpnews: { media_id: "draft" } }],
    ["voice", { voice: { media_id: "sound" } }],
    ["image", { images: { media_ids: ["a", "b"], recommend: "看" } }],
    ["image", { image: { media_id: "a" } }],
    ["mpvideo", { mpvideo: { media_id: "film", title: "t" } }],
    ["mpvideo", { video: { media_id: "film" } }],
    ["video", { mpvideo: { media_id: "film" } }],
    ["video", { video: { media_id: "film" } }],
  ])("accepts %s with %o", async (msgtype, body) => {
    const { send } = await openRig();
    const reply = await send({ msgtype, ...body });
    expect(reply).toMatchObject({ errcode: 0 });
    expect("msg_data_id" in reply).toBe(msgtype === "mpnews");
  });

  it.each([
    ["no msgtype", { msgtype: undefined }, 40008],
    ["an unknown msgtype", { msgtype: "music", music: {} }, 45162],
    ["a msgtype that is a name of JavaScript's", { msgtype: "constructor" }, 45162],
    ["a card", { msgtype: "wxcard", wxcard: { card_id: "x" } }, 45113],
    ["a body of another msgtype", { msgtype: "image" }, 40008],
    ["a body without its field", { text: {} }, 40008],
    ["an empty text", { text: { content: "" } }, 44004],
    ["an empty media_id", { msgtype: "voice", voice: { media_id: "" } }, 41006],
    ["a media_id that is missing", { msgtype: "voice", voice: { media_id: "missing-1" } }, 40007],
    ["21 pictures", { msgtype: "image", images: { media_ids: Array(21).fill("a") } }, 40215],
    ["no touser", { touser: undefined }, 40130],
    ["one recipient", { touser: [one] }, 40130],
    ["10,001 recipients", { touser: Array(10_001).fill(one) }, 40032],
    ["a touser that is a string", { touser: one }, 40031],
    ["a recipient that is a number", { touser: [one, 7] }, 40031],
    ["an OpenID that can't be one", { touser: [one, two, "x"] }, 40003],
    ["a clientmsgid of 33 bytes", { clientmsgid: "中".repeat(11) }, 45067],
    ["a clientmsgid that is a number", { clientmsgid: 5 }, 47003],
    ["a send_ignore_reprint other than 0 and 1", { send_ignore_reprint: true }, 47003],
  ])("refuses %s", async (_what, change, errcode) => {
    const { send } = await openRig();
    expect(await send(change)).toMatchObject({ errcode });
  });

  it("accepts a clientmsgid of 32 bytes and 10,000 recipients", async () => {
    const { send } = await openRig();
    const touser = Array.from({ length: 10_000 }, (_, index) => unfollowedOpenid("demo", index));
    expect(await send({ touser, clientmsgid: "a".repeat(32) })).toMatchObject({ errcode: 0 });
  });

  it.each([
    ["no body", "", 44002],
    ["broken JSON", "{", 47001],
    ["text that is escaped instead of raw", '{"text":{"content":"\\u4e2d"}}', 40033],
    ["half a character", '{"text":{"content":"\\ud83d"}}', 40033],
  ])("refuses %s", async (_what, body, errcode) => {
    const { send } = await openRig();
    expect(await send(body)).toMatchObject({ errcode });
  });

  it("refuses bytes that are not UTF-8", async () => {
    const { ask, token } = await openRig();
    const body = Buffer.from([0x7b, 0xff, 0x7d]);
    const path = `/cgi-bin/message/mass/send?access_token=${await token()}`;
    expect(await ask(path, { method: "POST", body })).toMatchObject({ errcode: 40033 });
  });

  it("lets pass what only looks like an escape, and escapes of control characters", async () => {
    const { send, message } = await openRig();
    const body = JSON.stringify(message({ text: { content: "C:\\u4e2d \u0001" } }));
    expect(body).toContain("\\\\u4e2d");
    expect(await send(body)).toMatchObject({ errcode: 0 });
  });

  it("asks for POST", async () => {
    const { ask, token } = await openRig();
    expect(await ask(`/cgi-bin/message/mass/send?access_token=${await token()}`)).toMatchObject({
      errcode: 43002,
    });
  });

  it("is not for subscription accounts", async () => {
    const account = { ...demoAccount, id: "sub", appid: "wxsub00000000000", kind: "subscription" as const };
    const { send } = await openRig({ accounts: [account] });
    expect(await send({}, account)).toMatchObject({ errcode: 48001 });
  });

  it("hands out msg_ids above 2^31 that go on rising after a restart", async () => {
    const [first, second] = [await openRig(), await openRig()];
    const ids = [
      (await first.send()).msg_id as number,
      (await first.send()).msg_id as number,
      (await second.send()).msg_id as number,
    ];
    expect(ids[0]).toBeGreaterThan(2 ** 31);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
  });

  it("hands out ids above 2^53 as bare numbers when told to", async () => {
    const { sandbox, message, token, post } = await openRig({ msgIds: "huge" });
    const response = await fetch(`${sandbox.url}/cgi-bin/message/mass/send?access_token=${await token()}`, {
      method: "POST",
      body: JSON.stringify(message()),
    });
    const digits = /"msg_id":(\d+)[,}]/.exec(await response.text())?.[1] ?? "";
    expect(BigInt(digits) > 2n ** 53n).toBe(true);
    expect(String(Number(digits))).not.toBe(digits);
    const body = `{"msg_id":${digits}}`;
    expect(await post(`/cgi-bin/message/mass/get?access_token=${await token()}`, body)).not.toHaveProperty(
      "errcode",
    );
  });
});

describe("mass/get", () => {
  it("says SENDING until the job has ended, then SEND_SUCCESS", async () => {
    const { send, poll, receiver } = await openRig({ callbackDelayMs: [300, 300] });
    const { msg_id } = await send();
    expect(await poll(msg_id)).toEqual({ msg_id, msg_status: "SENDING" });
    await receiver.callback();
    expect(await poll(String(msg_id))).toEqual({ msg_id, msg_status: "SEND_SUCCESS" });
  });

  it("refuses an id that it does not know, and none", async () => {
    const { poll } = await openRig();
    expect(await poll(123)).toMatchObject({ errcode: 40059 });
    expect(await poll(undefined)).toMatchObject({ errcode: 40059 });
  });
});

describe("a path that the sandbox does not know", () => {
  it("is not found", async () => {
    const { sandbox } = await openRig();
    expect((await fetch(`${sandbox.url}/cgi-bin/message/mass/unheard`)).status).toBe(404);
  });
});
