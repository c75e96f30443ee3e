import { Writable } from "node:stream";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cameBack, openForward, type WechatRequest } from "../../src/fetch/forward.ts";
import { until } from "../support/until.ts";
import { deadUrl, openHttp, openTcp, openUnaccepting, type TestServer } from "../wechat/servers.ts";

const MEGABYTE = 1024 * 1024;
const openid = "oForwardedxxxxxxxxxxxxxxxxxx";

/** As it comes: encoded in ways that reading and writing it again would not keep. */
const query = `signature=%61bc&timestamp=1&nonce=a%2Bb+c&openid=${openid}&x=`;
const body = Buffer.concat([Buffer.from(`<xml>${openid} `), Buffer.from([0, 255, 13, 10, 254])]);

const request = (headers: Record<string, string> = { "content-type": "text/xml" }): WechatRequest => ({
  ...{ query, body },
  header: (name) => headers[name],
});
const soon = (ms = 3_000) => AbortSignal.timeout(ms);

type Seen = { method: string; url: string; headers: Record<string, unknown>; body: Buffer };

let seen: Seen[];
let logged: string;
let forward: ReturnType<typeof openForward>;
let servers: { close: () => Promise<void> }[];
beforeEach(() => {
  seen = [];
  servers = [];
  logged = "";
  const sink = new Writable({
    write(chunk, _encoding, done) {
      logged += chunk;
      done();
    },
  });
  forward = openForward({ log: pino({ level: "trace" }, sink), waitsMs: [0, 20, 40] });
});
afterEach(async () => {
  await forward.close();
  for (const server of servers) await server.close();
  // Whatever went wrong: neither query nor body is in a log.
  expect(logged).not.toContain(openid);
});

type Answer = { status?: number; headers?: Record<string, string>; body?: string | Buffer };

/** A handler that answers so, after it has read the request. */
async function openHandler(answer: (time: number) => Answer | undefined): Promise<TestServer> {
  const server = await openHttp(async (call, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of call) chunks.push(chunk);
    const { method = "", url = "", headers } = call;
    seen.push({ method, url, headers, body: Buffer.concat(chunks) });
    const { status = 200, headers: given = {}, body = "" } = answer(seen.length) ?? {};
    if (answer(seen.length)) response.writeHead(status, given).end(body);
  });
  servers.push(server);
  return server;
}

describe("a request of WeChat's", () => {
  test("reaches the handler as it came, and its answer comes back", async () => {
    const reply = Buffer.concat([Buffer.from("<xml>回复"), Buffer.from([255])]);
    const { url } = await openHandler(() => ({ headers: { "content-type": "text/xml; x=1" }, body: reply }));
    expect(await forward.ask("acme", `${url}/wx/hook?bot=1`, request(), soon())).toEqual({
      ...{ status: 200, body: reply, contentType: "text/xml; x=1" },
    });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: "POST", url: `/wx/hook?bot=1&${query}`, body });
    expect(seen[0]?.headers).toMatchObject({ "content-type": "text/xml", host: url.slice("http://".length) });
    expect(logged).toBe("");
  });

  test("has no content type where WeChat gave none, and no query behind an address without one", async () => {
    const { url } = await openHandler(() => ({ status: 204 }));
    const bare = { ...request({}), query: "" };
    expect(await forward.ask("acme", `${url}/hook`, bare, soon())).toEqual({
      ...{ status: 204, body: Buffer.alloc(0), contentType: undefined },
    });
    expect(seen[0]?.url).toBe("/hook");
    expect(seen[0]?.headers).not.toHaveProperty("content-type");
  });

  test("is known again when it comes back", async () => {
    const { url } = await openHandler(() => ({}));
    await forward.ask("acme", url, request(), soon());
    const headers = seen[0]?.headers as Record<string, string>;
    expect(cameBack({ ...request(), header: (name) => headers[name] })).toBe(true);
    expect(cameBack(request())).toBe(false);
  });

  test("gets each a connection of its own: one that the handler closes loses none", async () => {
    const server = await openHandler(() => ({ body: "success" }));
    for (let times = 0; times < 3; times++)
      expect(await forward.ask("acme", server.url, request(), soon())).toMatchObject({ status: 200 });
    expect(server.connections()).toBe(3);
  });
});

describe("no answer is handed back", () => {
  test.each([301, 302, 307, 400, 404, 500, 503])("for the status %i, which is logged", async (status) => {
    const { url } = await openHandler(() => ({ status, headers: { location: "/elsewhere" }, body: openid }));
    expect(await forward.ask("acme", url, request(), soon())).toBeUndefined();
    expect(seen).toHaveLength(1);
    expect(JSON.parse(logged)).toMatchObject({
      ...{ level: 40, account: "acme", status, msg: "The handler at forwardTo refused a callback" },
    });
  });

  const trouble = "The handler at forwardTo gave no usable answer";

  test("when it is longer than a megabyte, announced or not", async () => {
    const exact = await openHandler(() => ({ body: Buffer.alloc(MEGABYTE, "x") }));
    const answer = await forward.ask("acme", exact.url, request(), soon());
    expect(answer?.body).toHaveLength(MEGABYTE);
    const longer = await openHandler(() => ({ body: Buffer.alloc(MEGABYTE + 1, "x") }));
    expect(await forward.ask("acme", longer.url, request(), soon())).toBeUndefined();
    const endless = await openHttp((_call, response) => {
      const pour = () => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
        response.once("drain", pour);
      };
      pour();
    });
    servers.push(endless);
    expect(await forward.ask("acme", endless.url, request(), soon())).toBeUndefined();
    expect(logged.split(trouble)).toHaveLength(3);
  });

  test("when it comes too late, or drips, or the handler takes no connection", async () => {
    const silent = await openHandler(() => undefined);
    const drips = await openHttp((_call, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write("x"), 20);
      response.once("close", () => clearInterval(timer));
    });
    servers.push(drips);
    const unaccepting = await openUnaccepting();
    servers.push(unaccepting);
    for (const url of [silent.url, drips.url, `http://127.0.0.1:${unaccepting.port}`]) {
      const asked = performance.now();
      expect(await forward.ask("acme", url, request(), soon(300))).toBeUndefined();
      expect(performance.now() - asked).toBeLessThan(2_000);
    }
    expect(logged.match(/"reason":"too late"/g)).toHaveLength(3);
  });

  test("when nobody listens, the name does not exist, or what answers is no HTTP", async () => {
    const noise = await openTcp((socket) => socket.end("hello\r\n\r\n"));
    const cut = await openTcp((socket) => socket.once("data", () => socket.destroy()));
    servers.push(noise, cut);
    for (const url of [await deadUrl(), "http://nobody.invalid/hook", noise.url, cut.url])
      expect(await forward.ask("acme", url, request(), soon())).toBeUndefined();
    expect(logged.split(trouble)).toHaveLength(5);
  });
});

describe("in the background", () => {
  test("a request is passed on once when the handler takes it", async () => {
    const { url } = await openHandler(() => ({ body: "success" }));
    forward.later("acme", url, request());
    await until(() => seen.length === 1);
    forward.later("acme", url, request());
    await until(() => seen.length === 2);
    expect(seen[1]).toMatchObject({ url: `/?${query}`, body });
  });

  test("a request that is refused is tried three times, and then given up", async () => {
    const { url } = await openHandler((time) => ({ status: time === 3 ? 200 : 500 }));
    forward.later("acme", url, request());
    await until(() => seen.length === 3);
    const dead = await openHandler(() => ({ status: 500 }));
    seen = [];
    forward.later("acme", dead.url, request());
    await until(() => logged.includes("A mass send's result could not be passed on to forwardTo"));
    expect(seen).toHaveLength(3);
  });

  test("no more than 200 wait for a handler that does not answer, and closing cuts them", async () => {
    const { url } = await openHandler(() => undefined);
    for (let count = 0; count < 205; count++) forward.later("acme", url, request());
    expect(logged.split("one was left out")).toHaveLength(6);
    await until(() => seen.length > 0);
    const asked = performance.now();
    await forward.close();
    expect(performance.now() - asked).toBeLessThan(2_000);
  });
});
