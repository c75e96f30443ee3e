import type { RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { createLogger } from "../../src/log.ts";
import { openClient } from "../../src/wechat/client.ts";
import type { ProxySettings } from "../../src/wechat/dispatcher.ts";
import { bodyOf, deadUrl, openHttp, openTcp } from "./servers.ts";

const token = "a-token/with+odd=characters";
const path = "/cgi-bin/message/mass/send";
const body = JSON.stringify({ text: { content: "群发 🎉" } });

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closers.splice(0).reverse()) await close();
});

async function serverOf(listener: RequestListener) {
  const server = await openHttp(listener);
  closers.push(server.close);
  return server;
}

async function socketsOf(onSocket: (socket: Socket) => void) {
  const server = await openTcp(onSocket);
  closers.push(server.close);
  return server;
}

function clientOf(apiBase: string, { sendTimeoutMs = 5_000, proxy = {} as ProxySettings } = {}) {
  const log = createLogger("silent");
  const client = openClient({ account: { apiBase }, sendTimeoutMs, proxy, clock: systemClock, log });
  closers.push(client.close);
  return client;
}

describe("a call that WeChat answers", () => {
  it("posts raw UTF-8 with the token in the query", async () => {
    const seen: unknown[] = [];
    const server = await serverOf(async (request, response) => {
      const url = new URL(request.url ?? "", "http://localhost");
      seen.push(request.method, url.pathname, url.searchParams.get("access_token"), await bodyOf(request));
      response.end('{"errcode":0}');
    });
    const reply = await clientOf(server.url).call({ path, token, body });
    expect(reply).toEqual({ kind: "answered", body: { errcode: 0 } });
    expect(seen).toEqual(["POST", path, token, body]);
  });

  it("is a GET without a body, below the path of its base", async () => {
    const seen: unknown[] = [];
    const server = await serverOf((request, response) => {
      seen.push(request.method, request.url);
      response.end("{}");
    });
    await clientOf(`${server.url}/below/`).call({ path: "/cgi-bin/user/get" });
    expect(seen).toEqual(["GET", "/below/cgi-bin/user/get"]);
  });

  it("keeps ids beyond 2^53 exact", async () => {
    const server = await serverOf((_request, response) =>
      response.end('{"msg_id":90261533849829378,"count":7}'),
    );
    const reply = await clientOf(server.url).call({ path, body });
    expect(reply).toEqual({ kind: "answered", body: { msg_id: "90261533849829378", count: 7 } });
  });

  it("has a connection of its own when it asks for one, and else shares", async () => {
    const server = await serverOf((_request, response) => response.end("{}"));
    const { call } = clientOf(server.url);
    for (let calls = 0; calls < 3; calls++) await call({ path, body });
    const shared = server.connections();
    expect(shared).toBeLessThan(3);
    for (let calls = 0; calls < 3; calls++) await call({ path, body, alone: true });
    expect(server.connections()).toBe(shared + 3);
  });

  it("does not read proxies from the environment", async () => {
    const dead = await deadUrl();
    for (const name of ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"]) vi.stubEnv(name, dead);
    const server = await serverOf((_request, response) => response.end("{}"));
    expect(await clientOf(server.url).call({ path, body })).toMatchObject({ kind: "answered" });
  });
});

describe.each([true, false])("a call in doubt (alone: %s)", (alone) => {
  const answers: Record<string, RequestListener> = {
    "HTTP status 502": (_request, response) => response.writeHead(502).end('{"errcode":0,"msg_id":1}'),
    "a redirect": (_request, response) =>
      response.writeHead(302, { location: "/elsewhere" }).end('{"errcode":0,"msg_id":1}'),
    "an HTML page": (_request, response) => response.end("<html>busy</html>"),
    "an empty answer": (_request, response) => response.end(),
    "half an answer": (_request, response) => {
      response.writeHead(200, { "content-length": 100 }).write('{"errcode":0,');
      setImmediate(() => response.destroy());
    },
    "half an answer, its length unsaid": (_request, response) => {
      response.write('{"errcode":0,"msg_id":1');
      setImmediate(() => response.destroy());
    },
    "the same key with two values": (_request, response) => response.end('{"msg_id":1,"msg_id":2}'),
    "an answer nested without end": (_request, response) => response.end("[".repeat(500_000)),
    "an answer over a megabyte": (_request, response) => response.end(`"${"x".repeat(1_100_000)}"`),
    "no answer at all": () => {},
    "an answer that drips": (request, response: ServerResponse) => {
      const drip = setInterval(() => response.write(" "), 20);
      request.socket.once("close", () => clearInterval(drip));
    },
  };

  it.each(Object.entries(answers))("gets %s, and is asked once only", async (_what, answer) => {
    let requests = 0;
    const server = await serverOf(async (request, response) => {
      requests += 1;
      await bodyOf(request);
      answer(request, response);
    });
    const reply = await clientOf(server.url, { sendTimeoutMs: 500 }).call({ path, token, body, alone });
    expect(reply).toMatchObject({ kind: "unclear" });
    expect(JSON.stringify(reply)).not.toContain(encodeURIComponent(token));
    expect(requests).toBe(1);
  });

  it.each<[string, (socket: Socket) => void]>([
    ["at its first bytes", (socket) => socket.once("data", () => socket.resetAndDestroy())],
    ["with a line that is not HTTP", (socket) => socket.once("data", () => socket.end("SSH-2.0\r\n\r\n"))],
  ])("has its connection cut %s, and does not connect again", async (_when, cut) => {
    const server = await socketsOf(cut);
    const reply = await clientOf(server.url).call({ path, token, body, alone });
    expect(reply).toMatchObject({ kind: "unclear" });
    expect(JSON.stringify(reply)).not.toContain(encodeURIComponent(token));
    expect(server.connections()).toBe(1);
  });

  it("is never taken for one that did not leave, however early its connection is cut", async () => {
    let bytes = 0;
    const server = await socketsOf((socket) => {
      socket.on("data", (chunk) => {
        bytes += chunk.length;
        socket.destroy();
      });
      setImmediate(() => socket.resetAndDestroy());
    });
    const { call } = clientOf(server.url);
    for (let calls = 0; calls < 50; calls++) {
      bytes = 0;
      const reply = await call({ path, token, body, alone });
      if (reply.kind === "never-left") expect(bytes).toBe(0);
      else expect(reply.kind).toBe("unclear");
    }
  });

  it("takes no longer in all than its time-out, however the time is spent", async () => {
    const server = await serverOf((_request, response) => {
      setTimeout(() => response.write("{"), 300).unref();
    });
    const startedAt = performance.now();
    const reply = await clientOf(server.url, { sendTimeoutMs: 400 }).call({ path, body, alone });
    expect(reply).toEqual({ kind: "unclear", message: "no complete answer within 400 ms", late: true });
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});

describe.each([true, false])("a call that never left (alone: %s)", (alone) => {
  it("found nobody listening", async () => {
    const reply = await clientOf(await deadUrl()).call({ path, token, body, alone });
    expect(reply).toMatchObject({ kind: "never-left" });
    expect(JSON.stringify(reply)).not.toContain(encodeURIComponent(token));
  });

  it("could not resolve the name", async () => {
    const reply = await clientOf("http://nowhere.invalid").call({ path, token, body, alone });
    expect(reply).toMatchObject({ kind: "never-left" });
  });

  it("met a server that does not speak TLS", async () => {
    const server = await socketsOf((socket) =>
      socket.once("data", () => socket.end("HTTP/1.1 400 Bad\r\n\r\n")),
    );
    const { call } = clientOf(`https://127.0.0.1:${server.port}`);
    expect(await call({ path, token, body, alone })).toMatchObject({ kind: "never-left" });
  });

  it("ran out of time in the TLS handshake", async () => {
    const server = await socketsOf(() => {});
    const { call } = clientOf(`https://127.0.0.1:${server.port}`, { sendTimeoutMs: 300 });
    const reply = await call({ path, token, body, alone });
    expect(reply).toEqual({ kind: "never-left", message: "no complete answer within 300 ms", late: true });
  });
});
