import { describe, expect, it } from "vitest";
import { demoAccount } from "../../src/sandbox/demo-account.ts";
import { createEnvelope } from "../../src/wechat/envelope.ts";
import { sign } from "../../src/wechat/signature.ts";
import { until } from "../support/until.ts";
import { node, noon, openRig } from "./rig.ts";

const { token, appid, encodingAESKey } = demoAccount;
const envelope = createEnvelope({ appid, encodingAESKey });
const elements = (xml: string) => [...xml.matchAll(/<([A-Z]\w+)>/g)].map(([, name]) => name);

describe("the result of a mass message", () => {
  it("is pushed sealed and signed to an account with a key", async () => {
    const { send, receiver } = await openRig();
    const { msg_id } = await send();
    const { url, headers, body } = await receiver.callback();
    const query = Object.fromEntries(url.searchParams);
    const cipher = node(body, "Encrypt") ?? "";

    expect(url.pathname).toBe("/wechat/demo/callback");
    expect(headers["content-type"]).toBe("text/xml");
    expect(query.openid).toMatch(/^o.{27}$/);
    expect(query.encrypt_type).toBe("aes");
    expect(query.signature).toBe(sign(token, query.timestamp ?? "", query.nonce ?? ""));
    expect(query.msg_signature).toBe(sign(token, query.timestamp ?? "", query.nonce ?? "", cipher));
    expect(elements(body)).toEqual(["ToUserName", "Encrypt"]);
    expect(node(envelope.open(cipher), "MsgID")).toBe(String(msg_id));
  });

  it("is plain, with every node in WeChat's order, for an account without a key", async () => {
    const { encodingAESKey: _, ...keyless } = demoAccount;
    const { send, receiver } = await openRig({ accounts: [keyless] });
    const { msg_id } = await send();
    const { url, body } = await receiver.callback();
    expect([...url.searchParams.keys()]).toEqual(["signature", "timestamp", "nonce", "openid"]);
    expect(elements(body)).toEqual([
      "ToUserName",
      "FromUserName",
      "CreateTime",
      "MsgType",
      "Event",
      "MsgID",
      "Status",
      "TotalCount",
      "FilterCount",
      "SentCount",
      "ErrorCount",
      "CopyrightCheckResult",
      "Count",
      "ResultList",
      "CheckState",
      "ArticleUrlResult",
      "Count",
      "ResultList",
    ]);
    expect(body).toContain("<Event><![CDATA[MASSSENDJOBFINISH]]></Event>");
    expect(body).toContain("<Status><![CDATA[send success]]></Status>");
    expect(body).toContain(`<MsgID>${msg_id}</MsgID>`);
    expect(body).toContain(`<CreateTime>${noon / 1000}</CreateTime>`);
    expect(["TotalCount", "FilterCount", "SentCount", "ErrorCount"].map((name) => node(body, name))).toEqual([
      "3",
      "3",
      "3",
      "0",
    ]);
  });

  it("has both forms in one body in compatible mode", async () => {
    const { send, receiver } = await openRig({ callbackMode: "compatible" });
    await send();
    const { url, body } = await receiver.callback();
    expect(url.searchParams.get("encrypt_type")).toBe("aes");
    expect(node(envelope.open(node(body, "Encrypt") ?? ""), "MsgID")).toBe(node(body, "MsgID"));
  });

  it("is plain for an account with a key when told so", async () => {
    const { send, receiver } = await openRig({ callbackMode: "plain" });
    await send();
    expect(elements((await receiver.callback()).body)).not.toContain("Encrypt");
  });

  it("names the address of an article", async () => {
    const { send, receiver } = await openRig({ callbackMode: "plain" });
    await send({ msgtype: "mpnews", mpnews: { media_id: "draft" } });
    expect((await receiver.callback()).body).toMatch(/<ArticleUrl><!\[CDATA\[http:\/\/mp\.weixin\.qq\.com/);
  });

  it("goes where the sandbox is told later", async () => {
    const { sandbox, send, receiver } = await openRig({ callbackBase: "http://127.0.0.1:1" });
    sandbox.callTo(receiver.url);
    await send();
    await receiver.callback();
  });
});

describe("a push that is not taken", () => {
  it.each([
    ["an error", { status: 500, text: "success" }, "status 500"],
    ["another text", { status: 200, text: "<html>" }, "other answer"],
    ["silence", "silence" as const, "timeout"],
  ])("because of %s comes three times in all, byte for byte the same", async (_what, answer, noted) => {
    const { send, receiver, job } = await openRig({ callbackTimeoutMs: 50 });
    receiver.answers.push(answer, answer, answer);
    const { msg_id } = await send();
    await until(async () => (await job(msg_id)).callbacks.length === 3);
    expect((await job(msg_id)).callbacks.map(({ answer: given }) => given)).toEqual([noted, noted, noted]);
    expect(new Set(receiver.requests.map(({ url, body }) => url.href + body)).size).toBe(1);
  });

  it("ends with the first attempt that is taken, an empty answer included", async () => {
    const { send, receiver, job } = await openRig();
    receiver.answers.push({ status: 503, text: "" }, { status: 200, text: "" });
    const { msg_id } = await send();
    await until(async () => (await job(msg_id)).callbacks.length === 2);
    expect((await job(msg_id)).callbacks.at(-1)).toMatchObject({ answer: "success" });
  });

  it("leaves the job as it is when nobody listens", async () => {
    const { send, poll, job } = await openRig({ callbackBase: "http://127.0.0.1:1" });
    const { msg_id } = await send();
    await until(async () => (await job(msg_id)).callbacks.length === 3);
    expect((await job(msg_id)).callbacks[0]).toMatchObject({ answer: "ECONNREFUSED" });
    expect(await poll(msg_id)).toMatchObject({ msg_status: "SEND_SUCCESS" });
  });
});

describe("closing", () => {
  it("drops what was still to be pushed, at once", async () => {
    const { sandbox, send, receiver } = await openRig({ callbackDelayMs: [60_000, 60_000] });
    await send();
    const before = Date.now();
    await sandbox.close();
    expect(Date.now() - before).toBeLessThan(10_000);
    expect(receiver.requests).toEqual([]);
  });
});
