import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A TCP port on loopback that leads to another one, as a virtual address leads to whoever has it now. */
export async function openGate(port: number) {
  let target = port;
  const sockets = new Set<Socket>();
  const deaf = new WeakSet<Socket>();
  const lead = (from: Socket, to: Socket) => {
    sockets.add(from.on("error", () => {}));
    from.pipe(to);
    from.on("close", () => {
      sockets.delete(from);
      if (!deaf.has(from)) to.destroy();
    });
  };
  const server = createServer({ allowHalfOpen: true }, (inside) => {
    const outside = connect({ port: target, host: "127.0.0.1", allowHalfOpen: true });
    lead(inside, outside);
    lead(outside, inside);
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
    /**
     * As when all that is sent gets lost: on the connections that stand neither side hears of the other any
     * more, not even that it hangs up. New ones work.
     */
    deafen: () => {
      for (const socket of sockets) {
        deaf.add(socket.unpipe());
        // What comes is taken and goes nowhere.
        socket.resume();
      }
    },
    async close(): Promise<void> {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}
