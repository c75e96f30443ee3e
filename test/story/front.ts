import { readFileSync } from "node:fs";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { httpRequest } from "../support/strict-push.ts";

/** How a front spoils one answer; `pass` hands the request on to WeChat and brings its answer. */
export type Spoil = (of: {
  request: IncomingMessage;
  response: ServerResponse;
  pass: () => Promise<string>;
}) => unknown;

const pem = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url));
const key = pem("key");

/**
 * What stands in front of the strict WeChat for one account. `spoilOnce` lets the next call of each path meet
 * trouble; over TLS, `reset` and `show` do so with every connection.
 */
export async function openFront({ tls = false, spoilAll }: { tls?: boolean; spoilAll?: Spoil } = {}) {
  let wechat = "";
  let spoil: Spoil | undefined;
  let resets = false;
  const spoilt = new Set<string>();
  const sockets = new Set<Socket>();

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url?.split("?")[0] ?? "";
    const isDue = spoil !== undefined && !spoilt.has(path);
    if (isDue) spoilt.add(path);
    const pass = async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { method = "GET" } = request;
      const body = method === "POST" && { body: Buffer.concat(chunks).toString("utf8") };
      const headers = { "content-type": "application/json" };
      return (await httpRequest(`${wechat}${request.url}`, { method, headers, ...body })).text;
    };
    const how = (isDue ? spoil : spoilAll) ?? plainly;
    await how({ request, response, pass });
  };
  const listener = (request: IncomingMessage, response: ServerResponse) =>
    void answer(request, response).catch(() => response.destroy());
  const web = tls ? createHttpsServer({ key, cert: pem("cert") }, listener) : createHttpServer(listener);
  const gate = createTcpServer((socket) => {
    sockets.add(socket.on("error", () => {}).on("close", () => sockets.delete(socket)));
    if (resets) socket.once("data", () => socket.resetAndDestroy());
    else web.emit("connection", socket);
  });
  const listen = (port: number) => new Promise<void>((resolve) => gate.listen(port, "127.0.0.1", resolve));
  await listen(0);
  const { port } = gate.address() as AddressInfo;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const away = () =>
    new Promise<void>((resolve) => {
      if (!gate.listening) return resolve();
      gate.close(() => resolve());
      cut();
    });

  return {
    port,
    url: `${tls ? "https" : "http"}://localhost:${port}`,
    leadTo: (url: string) => {
      wechat = url;
    },
    spoilOnce: (how: Spoil) => {
      spoil = how;
    },
    reset: (on: boolean) => {
      resets = on;
      cut();
    },
    /** Shows another certificate from now on. */
    show: (cert: string) => {
      if ("setSecureContext" in web) web.setSecureContext({ key, cert: pem(cert) });
      cut();
    },
    leave: away,
    comeBack: () => listen(port),
    close: away,
  };
}

export type Front = Awaited<ReturnType<typeof openFront>>;

/** A proxy that tunnels, or refuses to where it is told so. */
export async function openProxy() {
  const refusals = new Map<number, string>();
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) =>
    sockets.add(socket.on("error", () => {}).on("close", () => sockets.delete(socket)));
  const server = createHttpServer();
  server.on("connection", keep);
  server.on("connect", ({ url = "" }: IncomingMessage, client: Socket) => {
    const port = Number(url.split(":")[1]);
    const refusal = refusals.get(port);
    if (refusal) {
      client.end(`HTTP/1.1 ${refusal}\r\n\r\n`);
      return;
    }
    const upstream = connect(port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connected\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    keep(upstream);
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    /** Refuses tunnels to this port from now on, with this status; undefined: no longer. */
    refuse: (to: number, status: string | undefined) => {
      if (status) refusals.set(to, status);
      else refusals.delete(to);
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

const plainly: Spoil = async ({ response, pass }) => response.end(await pass());

/** Answers the whole story through, as a proxy on the way may write them. */
export const inGzip: Spoil = async ({ response, pass }) =>
  response.setHeader("content-encoding", "gzip").end(gzipSync(await pass()));
export const withMark: Spoil = async ({ response, pass }) => response.end(`\uFEFF${await pass()}`);
