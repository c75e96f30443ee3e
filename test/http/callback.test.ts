import { randomBytes } from "node:crypto";
import { request } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../support/until.ts";
import { createCallbacks, openDoor } from "./door.ts";

const good = "/wechat/acme/callback?signature=good";
const message = "<xml><MsgID>1</MsgID></xml>";
const megabyte = 1024 * 1024;

let door: Awaited<ReturnType<typeof openDoor>>;
let stored: ReturnType<typeof createCallbacks>;
beforeEach(async () => {
  stored = createCallbacks();
  door = await openDoor({ callbacks: stored.callbacks });
});
afterEach(() => door.close());

const post = (path: string, body: string | Buffer) => door.ask(path, { method: "POST", body });
const warnings = () => door.lines.filter(({ level }) => level === 40);

/** A body of unknown length, sent piece by piece; the status that it gets. */
function stream(path: string, bytes: number, piece = 64 * 1024): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(`${door.url}${path}`, { method: "POST", agent: false });
    call.once("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
      call.destroy();
    });
    // The server may cut a body that it has refused; its answer counts.
    call.once("error", (error) => setImmediate(() => reject(error)));
    call.write("<xml>");
    for (let sent = 5; sent < bytes; sent += piece)
      call.write(Buffer.alloc(Math.min(piece, bytes - sent), "x"));
    call.end();
  });
}

describe("GET /wechat/{account}/callback", () => {
  test("echoes what the check returns, as plain text", async () => {
    const { status, headers, text } = await door.ask(`${good}&echostr=%3Cb%3E1%3C%2Fb%3E`);
    expect([status, text]).toEqual([200, "<b>1</b>"]);
    expect(headers["content-type"]).toMatch(/^text\/plain/);
  });

  test("answers 403 to a wrong signature, with one warning", async () => {
    expect((await door.ask("/wechat/acme/callback?signature=bad&echostr=x")).status).toBe(403);
    expect(warnings()).toMatchObject([{ account: "acme", code: "BAD_SIGNATURE", msg: "Callback refused" }]);
  });
});

describe("POST /wechat/{account}/callback", () => {
  test("answers success once the event is stored, with body and query as they came", async () => {
    const seen: { query: unknown; body: Buffer }[] = [];
    const bytes = Buffer.concat([Buffer.from("<xml>"), randomBytes(64)]);
    await door.close();
    const readCallback = (_: string, query: unknown, body: Buffer) => {
      seen.push({ query, body });
      return "event";
    };
    door = await openDoor({ callbacks: { ...stored.callbacks, readCallback } });

    const { status, headers, text } = await post(`${good}&nonce=a%2Bb`, bytes);
    expect([status, text]).toEqual([200, "success"]);
    expect(headers["content-type"]).toMatch(/^text\/plain/);
    expect(stored.delivered).toEqual([{ account: "acme", event: "event" }]);
    expect(seen).toEqual([{ query: { signature: "good", nonce: "a+b" }, body: bytes }]);
  });

  test("waits with its answer until the event is stored", async () => {
    let store = () => {};
    const isStored = new Promise<void>((resolve) => {
      store = resolve;
    });
    await door.close();
    door = await openDoor({ callbacks: { ...stored.callbacks, deliver: () => isStored } });

    let isAnswered = false;
    const answer = post(good, message).finally(() => {
      isAnswered = true;
    });
    await expect(until(() => isAnswered, { timeoutMs: 200 })).rejects.toThrow("not within");
    store();
    expect((await answer).text).toBe("success");
  });

  test("answers 503 when storing fails, so that WeChat sends it again", async () => {
    await door.close();
    const deliver = () => Promise.reject(new Error("Connection is closed."));
    door = await openDoor({ callbacks: { ...stored.callbacks, deliver } });
    expect((await post(good, message)).status).toBe(503);
  });

  test("answers 503 when storing takes long, before WeChat gives up after 5 s", async () => {
    await door.close();
    door = await openDoor({ callbacks: { ...stored.callbacks, deliver: () => new Promise(() => {}) } });
    const asked = Date.now();
    const { status, json } = await post(good, message);
    expect([status, json()]).toMatchObject([503, { code: "REDIS_AWAY" }]);
    expect(Date.now() - asked).toBeLessThan(4_500);
  });

  test.each([
    ["400", "a malformed body", good, "no xml"],
    ["400", "an empty body", good, ""],
    ["403", "a wrong signature", "/wechat/acme/callback?signature=bad", message],
    ["403", "no signature", "/wechat/acme/callback", message],
  ])("answers %s to %s, logs one warning and has no effect", async (status, _what, path, body) => {
    expect((await post(path, body)).status).toBe(Number(status));
    expect(warnings()).toHaveLength(1);
    expect(JSON.stringify(door.lines)).not.toContain("MsgID");
    expect(stored.delivered).toEqual([]);
  });

  test.each(["nobody", "ACME", "%2e%2e", "constructor"])(
    "answers 404 for the account %s",
    async (account) => {
      expect((await post(`/wechat/${account}/callback?signature=good`, message)).status).toBe(404);
      expect(stored.delivered).toEqual([]);
    },
  );

  test("takes a body of exactly 1 MB, with and without a Content-Length", async () => {
    expect((await post(good, `<xml>${"x".repeat(megabyte - 5)}`)).status).toBe(200);
    expect(await stream(good, megabyte)).toBe(200);
    expect(stored.delivered.map(({ event }) => event.length)).toEqual([megabyte, megabyte]);
  });

  test("answers 413 to one byte more, with and without a Content-Length", async () => {
    expect((await post(good, `<xml>${"x".repeat(megabyte - 4)}`)).status).toBe(413);
    expect(await stream(good, megabyte + 1)).toBe(413);
    expect(stored.delivered).toEqual([]);
    expect(warnings()).toMatchObject([{ code: "TOO_LARGE" }, { code: "TOO_LARGE" }]);
  });

  test("refuses a body that is announced too large before it is sent", async () => {
    const headers = { "content-length": String(50 * megabyte) };
    const status = await new Promise((resolve) => {
      const call = request(`${door.url}${good}`, { method: "POST", agent: false, headers });
      call.once("response", (response) => {
        resolve(response.statusCode);
        call.destroy();
      });
      call.once("error", () => {});
      call.flushHeaders();
    });
    expect(status).toBe(413);
  });

  test("a body that is cut off has no effect and is no bug", async () => {
    await door.close();
    let isAsked = false;
    const isAccount = () => {
      isAsked = true;
      return true;
    };
    door = await openDoor({ callbacks: { ...stored.callbacks, isAccount } });
    const socket = connect(door.port, "127.0.0.1");
    socket.write(`POST ${good} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n<xml>half`);
    await until(() => isAsked);
    socket.destroy();
    await until(() => warnings().length === 1);
    expect(warnings()).toMatchObject([{ code: "BAD_REQUEST" }]);
    expect(door.lines.filter(({ level }) => level === 50)).toEqual([]);
    expect(stored.delivered).toEqual([]);
  });
});
