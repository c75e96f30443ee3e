import { readFileSync } from "node:fs";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import type { ProxySettings } from "../../src/wechat/dispatcher.ts";
import { bodyOf, deadUrl, listen, openHttp, openTcp, openUnaccepting } from "./servers.ts";

/** A network in trouble: where a call goes to, and how it is cleared away. */
export type Trouble = {
  readonly apiBase: string;
  readonly proxy?: ProxySettings;
  readonly close: () => Promise<unknown>;
};

/** What a call may meet between here and WeChat, by the words of docs/failures.md. */
export type Outcome = "accepted" | "already" | "in doubt" | "not now" | "never left" | "refused";
export type Fault = {
  readonly outcome: Outcome;
  readonly meet: () => Promise<Trouble>;
  /** The certificates are trusted, so that only what is wrong with them is. */
  readonly trusted?: true;
};

const pem = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url));
const accepted = '{"errcode":0,"errmsg":"send job submission success","msg_id":3147494441}';
const packed = gzipSync(accepted);
const nothing = async () => {};

async function http(answer: (response: ServerResponse, request: IncomingMessage) => unknown) {
  const server = await openHttp(async (request, response) => {
    await bodyOf(request).catch(() => {});
    answer(response, request);
  });
  return { apiBase: server.url, close: server.close };
}

async function tcp(onSocket: (socket: Socket) => void, scheme = "http") {
  const server = await openTcp(onSocket);
  return { apiBase: `${scheme}://127.0.0.1:${server.port}`, close: server.close };
}

async function tls(cert: string) {
  const server = await listen(
    createHttpsServer({ cert: pem(cert), key: pem("key") }, (request, response) => {
      request.resume().on("end", () => response.end(accepted));
    }),
  );
  return { apiBase: `https://localhost:${server.port}`, close: server.close };
}

async function proxy(onConnect: (client: Socket) => void) {
  const server = createHttpServer();
  server.on("connect", (_request, client: Socket) => onConnect(client.on("error", () => {})));
  const { url, close } = await listen(server);
  return { apiBase: "https://localhost:1", proxy: { httpsProxy: url }, close };
}

/** Answers with bytes of its own once the whole request has come. */
const raw = (answer: string | Buffer, end = true) =>
  http((_response, { socket }) => {
    socket.write(answer);
    if (end) socket.end();
  });

const head = (more: string) => `HTTP/1.1 200 OK\r\n${more}\r\n\r\n`;
const gzip = (body: Buffer) => http((response) => response.setHeader("content-encoding", "gzip").end(body));
const status = (code: number, more: Record<string, string> = {}) =>
  http((response) => response.writeHead(code, more).end(accepted));
const said = (json: string) => http((response) => response.end(json));

const neverLeft = (meet: Fault["meet"]): Fault => ({ outcome: "never left", meet });
const inDoubt = (meet: Fault["meet"]): Fault => ({ outcome: "in doubt", meet });
const understood = (meet: Fault["meet"]): Fault => ({ outcome: "accepted", meet });

export const faults: Readonly<Record<string, Fault>> = {
  "nobody listens: connection refused": neverLeft(async () => ({ apiBase: await deadUrl(), close: nothing })),
  "the name does not resolve": neverLeft(async () => ({ apiBase: "http://nowhere.invalid", close: nothing })),
  "the connection never comes about": neverLeft(async () => {
    const { port, close } = await openUnaccepting();
    return { apiBase: `http://127.0.0.1:${port}`, close };
  }),
  "the TLS handshake is reset": neverLeft(() =>
    tcp((socket) => socket.once("data", () => socket.resetAndDestroy()), "https"),
  ),
  "the TLS handshake never ends": neverLeft(() => tcp(() => {}, "https")),
  "no TLS is spoken": neverLeft(() => tcp((socket) => socket.end("HTTP/1.1 400 Bad\r\n\r\n"), "https")),
  "a certificate that nobody vouches for": neverLeft(() => tls("cert")),
  "a certificate of another host": { ...neverLeft(() => tls("other-host")), trusted: true },
  "a certificate that has expired": { ...neverLeft(() => tls("expired")), trusted: true },
  "the proxy is away": neverLeft(async () => ({
    apiBase: "https://localhost:1",
    proxy: { httpsProxy: await deadUrl() },
    close: nothing,
  })),
  "the proxy wants a password: 407": neverLeft(() =>
    proxy((client) => client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")),
  ),
  "the proxy opens no tunnel: 502": neverLeft(() =>
    proxy((client) => client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n")),
  ),
  "the proxy cuts the connection": neverLeft(() => proxy((client) => client.destroy())),
  "the proxy never answers": neverLeft(() => proxy(() => {})),

  "reset before the request was read": inDoubt(() =>
    tcp((socket) => socket.once("data", () => socket.pause().resetAndDestroy())),
  ),
  "reset when the request was read": inDoubt(() =>
    http((_response, request) => request.socket.resetAndDestroy()),
  ),
  "closed without an answer": inDoubt(() => http((_response, request) => request.socket.end())),
  "reset in the middle of the answer": inDoubt(() =>
    http((response, request) => response.write('{"errcode":0,', () => request.socket.resetAndDestroy())),
  ),
  "no answer, ever": inDoubt(() => http(() => {})),
  "headers at once, then a byte now and then": inDoubt(() =>
    http((response, request) => {
      const drip = setInterval(() => response.write(" "), 20);
      request.socket.once("close", () => clearInterval(drip));
    }),
  ),
  "half an answer: shorter than its Content-Length": inDoubt(() =>
    raw(head("content-length: 100") + accepted.slice(0, 40)),
  ),
  "half an answer: its chunks break off": inDoubt(() =>
    raw(`${head("transfer-encoding: chunked")}5\r\n{"err\r\n`),
  ),
  "half an answer: HTTP/1.0, no length said": inDoubt(() =>
    raw(`HTTP/1.0 200 OK\r\n\r\n${accepted.slice(0, 40)}`),
  ),
  "a page of HTML": inDoubt(() => said("<html><body>busy</body></html>")),
  "HTTP 502": inDoubt(() => status(502)),
  "HTTP 504": inDoubt(() => status(504)),
  "204, nothing in it": inDoubt(() => http((response) => response.writeHead(204).end())),
  "200, nothing in it": inDoubt(() => said("")),
  "a redirect: 302": inDoubt(() => status(302, { location: "/elsewhere" })),
  "a redirect: 307": inDoubt(() => status(307, { location: "/elsewhere" })),
  "413 before the request was read": inDoubt(() =>
    tcp((socket) =>
      socket.once("data", () => socket.end("HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n")),
    ),
  ),
  "an answer over a megabyte": inDoubt(() => said(`"${"x".repeat(1_100_000)}"`)),
  "gzip that is broken": inDoubt(() => gzip(Buffer.from("no gzip at all"))),
  "gzip that breaks off": inDoubt(() => gzip(packed.subarray(0, packed.length - 9))),
  "gzip of more than a megabyte": inDoubt(() => gzip(gzipSync(`${accepted}${" ".repeat(1_100_000)}`))),
  "another encoding than gzip": inDoubt(() =>
    http((response) => response.setHeader("content-encoding", "br").end(accepted)),
  ),
  "100 Continue that nobody asked for": inDoubt(() =>
    raw(`HTTP/1.1 100 Continue\r\n\r\n${head(`content-length: ${accepted.length}`)}${accepted}`),
  ),
  "a line that is not HTTP": inDoubt(() => raw("SSH-2.0\r\n\r\n")),

  gzip: understood(() => gzip(packed)),
  "a byte order mark": understood(() => said(`\uFEFF${accepted}`)),
  "a charset that it is not in": understood(() =>
    http((response) => response.setHeader("content-type", "text/plain; charset=gbk").end(accepted)),
  ),
  "HTTP/1.0 that closes behind its answer": understood(() => raw(`HTTP/1.0 200 OK\r\n\r\n${accepted}`)),
  "103 Early Hints before the answer": understood(() =>
    raw(`HTTP/1.1 103 Early Hints\r\n\r\n${head(`content-length: ${accepted.length}`)}${accepted}`),
  ),
  "reset behind the whole answer": understood(() =>
    http((response, request) => {
      response.writeHead(200, { "content-length": accepted.length }).write(accepted);
      setTimeout(() => request.socket.resetAndDestroy(), 50);
    }),
  ),
  "45065 in gzip": {
    outcome: "already",
    meet: () => gzip(gzipSync('{"errcode":45065,"msg_id":3147494441}')),
  },
  "45009 with a byte order mark": { outcome: "not now", meet: () => said('\uFEFF{"errcode":45009}') },
  "40007 by HTTP/1.0": {
    outcome: "refused",
    meet: () => raw('HTTP/1.0 200 OK\r\n\r\n{"errcode":40007,"errmsg":"invalid media_id"}'),
  },
};
