import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A TCP port on loopback that leads to another one, as a virtual address leads to whoever has it now. */
export async function openGate(port: number) {
  let target = port;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) =>
    sockets.add(socket.on("error", () => {}).on("close", () => sockets.delete(socket)));
  const server = createServer((inside) => {
    const outside = connect(target, "127.0.0.1");
    keep(inside);
    keep(outside);
    inside.pipe(outside).pipe(inside);
    inside.on("close", () => outside.destroy());
    outside.on("close", () => inside.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address() as AddressInfo;

  return {
    port: address.port,
    url: `redis://127.0.0.1:${address.port}`,
    /** New connections lead there; those that stand stay where they are. */
    leadTo: (next: number) => {
      target = next;
    },
    async close(): Promise<void> {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}
