import { afterEach, describe, expect, test } from "vitest";
import type { CallbackAnswer, CallbackRequest, Callbacks } from "../../src/http/callback.ts";
import { createCallbacks, openDoor } from "./door.ts";

const message = "<xml><FromUserName>oPassedOn</FromUserName></xml>";
// As it stands, not as it is read: %61 is an a, and a plus may mean a space.
const good = "/wechat/acme/callback?signature=good&nonce=%61%2Bb+c&empty=&nonce=2";

let door: Awaited<ReturnType<typeof openDoor>>;
afterEach(() => door.close());

type Passed = { account: string; event: string; request: CallbackRequest; stored: number };

/** A door whose account has a handler that answers so. */
async function openWith(
  passOn: (signal: AbortSignal) => Promise<CallbackAnswer | undefined>,
  change: Partial<Callbacks<string>> = {},
) {
  const passed: Passed[] = [];
  const { callbacks, delivered } = createCallbacks();
  door = await openDoor({
    callbacks: {
      ...callbacks,
      ...change,
      passOn(account, event, request, signal) {
        passed.push({ account, event, request, stored: delivered.length });
        return passOn(signal);
      },
    },
  });
  return { passed, delivered };
}

const answer = (change: Partial<CallbackAnswer> = {}): CallbackAnswer => ({
  ...{ status: 200, body: Buffer.from("<xml>回复</xml>"), contentType: "text/xml; charset=utf-8" },
  ...change,
});
const post = (headers = {}, path = good, body = message) =>
  door.ask(path, { method: "POST", body, headers: { "content-type": "text/xml", ...headers } });

describe("a callback of an account with a handler of its own", () => {
  test("is passed on as it came once it is stored, and the handler's answer is WeChat's", async () => {
    const { passed } = await openWith(async () => answer());
    const { status, text, headers } = await post();
    expect([status, text, headers["content-type"]]).toEqual([
      200,
      "<xml>回复</xml>",
      "text/xml; charset=utf-8",
    ]);
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(passed).toHaveLength(1);
    expect(passed[0]).toMatchObject({ account: "acme", event: message, stored: 1 });
    const [
      {
        request: { query, body, header },
      },
    ] = passed as [Passed];
    expect(query).toBe(good.slice(good.indexOf("?") + 1));
    expect(body.toString()).toBe(message);
    expect([header("content-type"), header("x-nothing")]).toEqual(["text/xml", undefined]);
  });

  test.each([
    [200, ""],
    [201, "created"],
    [204, ""],
    [205, ""],
    [299, "<xml/>"],
  ])("is answered with the handler's status %i", async (status, text) => {
    await openWith(async () => answer({ status, body: Buffer.from(text), contentType: undefined }));
    const given = await post();
    expect([given.status, given.text]).toEqual([status, text]);
  });

  test("is answered success when the handler has no answer", async () => {
    await openWith(async () => undefined);
    const { status, text } = await post();
    expect([status, text]).toEqual([200, "success"]);
  });

  test("is answered before WeChat gives up, however slow handler and Redis are", async () => {
    const deliver = () => new Promise<void>((resolve) => setTimeout(resolve, 1_500));
    const late = (signal: AbortSignal) =>
      new Promise<undefined>((resolve) => signal.addEventListener("abort", () => resolve(undefined)));
    await openWith(late, { deliver });
    const asked = performance.now();
    expect((await post()).text).toBe("success");
    const took = performance.now() - asked;
    expect(took).toBeGreaterThan(4_300);
    expect(took).toBeLessThan(5_000);
  });

  test("is not passed on when it could not be stored, is malformed or wrongly signed", async () => {
    const deliver = () => Promise.reject(new Error("Connection is closed."));
    const { passed } = await openWith(async () => answer(), { deliver });
    expect((await post()).status).toBe(503);
    expect((await post({}, good, "no xml")).status).toBe(400);
    expect((await post({}, good.replace("good", "bad"))).status).toBe(403);
    expect(passed).toEqual([]);
  });

  test("is taken from another handler too, which passes it on through proxies", async () => {
    const { delivered } = await openWith(async () => undefined);
    const proxied = {
      ...{ "x-forwarded-for": "203.0.113.9, 10.0.0.1", "x-forwarded-proto": "https", via: "1.1 bot" },
      ...{ forwarded: "for=203.0.113.9", host: "bot.example", "content-type": "application/octet-stream" },
    };
    const { status, text } = await post(proxied);
    expect([status, text]).toEqual([200, "success"]);
    expect(delivered).toEqual([{ account: "acme", event: message }]);
  });

  test("WeChat's check of the URL is answered by qunfa itself", async () => {
    const { passed } = await openWith(async () => answer());
    expect((await door.ask(`${good}&echostr=hello`)).text).toBe("hello");
    expect(passed).toEqual([]);
  });
});
