import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from "node:net";
import { Worker } from "node:worker_threads";

export type TestServer = Awaited<ReturnType<typeof openHttp>>;

/** A small HTTP server on loopback. */
export const openHttp = (listener: RequestListener) => listen(createHttpServer(listener));

/** A server that speaks whatever the test says, HTTP or not. */
export const openTcp = (onSocket: (socket: Socket) => void) => listen(createTcpServer(onSocket));

/** An address on loopback where nobody listens. */
export async function deadUrl(): Promise<string> {
  const server = await openTcp(() => {});
  await server.close();
  return server.url;
}

/** A port whose queue of connections is full and never emptied: a further one never comes about. */
export async function openUnaccepting() {
  const listener = new Worker(
    `const { parentPort } = require("node:worker_threads");
     const server = require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
       parentPort.postMessage(server.address().port);
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
     });`,
    { eval: true },
  );
  const [port] = (await once(listener, "message")) as [number];
  const sockets: Socket[] = [];
  const comesAbout = async () => {
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    sockets.push(socket);
    const late = setTimeout(() => socket.emit("late"), 300);
    const connected = once(socket, "connect").then(() => true);
    const isConnected = await Promise.race([connected, once(socket, "late").then(() => false)]);
    clearTimeout(late);
    return isConnected;
  };
  while (await comesAbout());
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await listener.terminate();
  };
  return { port, close };
}

/** Runs a server of any kind on a free port; `close` cuts what is still connected. */
export async function listen(server: Server) {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on("connection", (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    connections: () => connections,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Collects the body of a request. */
export async function bodyOf(request: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
