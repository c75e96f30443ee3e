import { readFileSync } from "node:fs";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { connect, type Socket } from "node:net";
import { EnvHttpProxyAgent } from "undici";
import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { createLogger } from "../../src/log.ts";
import { openClient } from "../../src/wechat/client.ts";
import type { ProxySettings } from "../../src/wechat/dispatcher.ts";
import { exchange } from "../../src/wechat/exchange.ts";
import { deadUrl, listen } from "./servers.ts";

const pem = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url));
const path = "/cgi-bin/message/mass/send";
const body = "{}";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function openTls(listener: RequestListener) {
  const server = await listen(createHttpsServer({ cert: pem("cert"), key: pem("key") }, listener));
  closers.push(server.close);
  return { ...server, url: `https://localhost:${server.port}` };
}

/** A proxy that tunnels, or does with a CONNECT what the test says. */
async function openProxy(onConnect: (client: Socket, target: string) => void = tunnel) {
  const targets: string[] = [];
  const http = createHttpServer();
  http.on("connect", ({ url = "" }, client: Socket) => {
    targets.push(url);
    onConnect(client, url);
  });
  const server = await listen(http);
  closers.push(server.close);
  return { ...server, targets };
}

function tunnel(client: Socket, target: string): void {
  const upstream = connect(Number(target.split(":")[1]), "127.0.0.1", () => {
    client.write("HTTP/1.1 200 Connected\r\n\r\n");
    upstream.pipe(client).pipe(upstream);
  });
  upstream.on("error", () => client.destroy());
  client.on("error", () => upstream.destroy()).on("close", () => upstream.destroy());
}

function clientOf(apiBase: string, proxy: ProxySettings, sendTimeoutMs = 5_000) {
  const log = createLogger("silent");
  const client = openClient({ account: { apiBase }, sendTimeoutMs, proxy, clock: systemClock, log });
  closers.push(client.close);
  return client;
}

describe("TLS", () => {
  it("is verified: a certificate that nobody vouches for stops the call before it leaves", async () => {
    let requests = 0;
    const server = await openTls((_request, response) => {
      requests += 1;
      response.end("{}");
    });
    for (const alone of [true, false]) {
      expect(await clientOf(server.url, {}).call({ path, body, alone })).toMatchObject({
        kind: "never-left",
      });
    }
    expect(requests).toBe(0);
  });
});

describe("behind a proxy", () => {
  it("an https call goes through HTTPS_PROXY, an http call and one under NO_PROXY do not", async () => {
    const proxy = await openProxy((client) => client.end("HTTP/1.1 403 Forbidden\r\n\r\n"));
    const target = await openTls(() => {});
    const plain = await listen(createHttpServer((_request, response) => response.end("{}")));
    closers.push(plain.close);

    expect(await clientOf(target.url, { httpsProxy: proxy.url }).call({ path, body })).toMatchObject({
      kind: "never-left",
    });
    expect(proxy.targets).toEqual([`localhost:${target.port}`]);
    await clientOf(target.url, { httpsProxy: proxy.url, noProxy: "localhost" }).call({ path, body });
    await clientOf(plain.url, { httpsProxy: proxy.url }).call({ path, body });
    expect(proxy.targets).toHaveLength(1);
    expect(target.connections()).toBe(1);
    expect(plain.connections()).toBe(1);
  });

  it.each<[string, (client: Socket, target: string) => void]>([
    ["refuses the tunnel", (client) => client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n")],
    ["cuts the connection", (client) => client.destroy()],
    ["never answers", () => {}],
    ["leads to a certificate that nobody vouches for", tunnel],
    ["opens a tunnel to nowhere", (client) => client.write("HTTP/1.1 200 Connected\r\n\r\n")],
  ])("a call has never left when the proxy %s", async (_what, onConnect) => {
    const proxy = await openProxy(onConnect);
    const target = await openTls((_request, response) => response.end("{}"));
    const { call } = clientOf(target.url, { httpsProxy: proxy.url }, 500);
    expect(await call({ path, body, alone: true })).toMatchObject({ kind: "never-left" });
    expect(proxy.targets).toHaveLength(1);
  });

  it("a call has never left when the proxy is away", async () => {
    const { call } = clientOf("https://localhost:1", { httpsProxy: await deadUrl() });
    expect(await call({ path, body, alone: true })).toMatchObject({ kind: "never-left" });
  });

  describe("that opens its tunnel", () => {
    /** Like a client's own, but for a test's certificate that it trusts. */
    async function openExchange(listener: RequestListener, onConnect?: typeof tunnel) {
      const target = await openTls(listener);
      const proxy = await openProxy(onConnect);
      const ca = { ca: pem("cert") };
      const dispatcher = new EnvHttpProxyAgent({ httpsProxy: proxy.url, noProxy: "", requestTls: ca });
      closers.push(() => dispatcher.destroy());
      const ask = (askedPath: string, timeoutMs = 5_000) => {
        const request = { origin: target.url, path: askedPath, method: "POST", body } as const;
        return exchange(dispatcher, request, { timeoutMs, maxBytes: 1_000 });
      };
      return { ask, target };
    }

    it("a call is answered", async () => {
      const { ask } = await openExchange((_request, response) => response.end("{}"));
      expect(await ask(path)).toMatchObject({ kind: "response", status: 200, body: Buffer.from("{}") });
    });

    it("a call is in doubt when its answer is lost", async () => {
      const { ask, target } = await openExchange((request) => request.socket.destroy());
      expect(await ask(path)).toMatchObject({ kind: "trouble", left: true });
      expect(target.connections()).toBe(1);
    });

    it("a call that was given up before the tunnel stood does not go down it later", async () => {
      const paths: unknown[] = [];
      let open = () => {};
      const opened = new Promise<void>((resolve) => {
        open = resolve;
      });
      const { ask } = await openExchange(
        (request, response) => {
          paths.push(request.url);
          response.end("{}");
        },
        (client, target) => void opened.then(() => tunnel(client, target)),
      );
      expect(await ask("/given-up", 100)).toMatchObject({ kind: "trouble", left: false });
      open();
      expect(await ask("/later")).toMatchObject({ kind: "response" });
      expect(paths).toEqual(["/later"]);
    });
  });
});
