import { createServer as createHttpServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";

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
