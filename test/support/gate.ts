import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { PassThrough, Transform } from "node:stream";
import { Redis } from "ioredis";

/** A TCP port on loopback that leads to another one, as a virtual address leads to whoever has it now. */
export async function openGate(port: number) {
  let target = port;
  const sockets = new Set<Socket>();
  const deaf = new WeakSet<Socket>();
  const ages = new Map<string, number>();
  const lead = (from: Socket, to: Socket, onTheWay: Transform) => {
    sockets.add(from.on("error", () => {}));
    from.pipe(onTheWay).pipe(to);
    from.on("close", () => {
      sockets.delete(from);
      if (!deaf.has(from)) to.destroy();
    });
  };
  const server = createServer({ allowHalfOpen: true }, (inside) => {
    const outside = connect({ port: target, host: "127.0.0.1", allowHalfOpen: true });
    lead(inside, outside, new PassThrough());
    lead(outside, inside, agedBy(ages));
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
    /** So much time passes for the Redis behind it: INFO says so, but not of one that is started later. */
    async age(ms: number): Promise<void> {
      const redis = new Redis(target);
      const [, run = ""] = /run_id:(\w+)/.exec(await redis.info("server")) ?? [];
      await redis.quit();
      ages.set(run, ms / 1_000);
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

/** An answer to INFO, in RESP2 or RESP3, up to the uptime. */
const infoAnswer =
  /([$=])(\d+)\r\n((?:txt:)?# Server\r\n[^$]*?run_id:(\w+)\r\n[^$]*?uptime_in_seconds:)(\d+)/g;

/** What Redis sends, its uptime raised by the seconds that have passed for its run; its clock can't be moved. */
function agedBy(ages: ReadonlyMap<string, number>): Transform {
  const raise = (...[all = "", sign, length, before, run = "", uptime = ""]: string[]) => {
    const seconds = ages.get(run);
    if (seconds === undefined) return all;
    const aged = String(Number(uptime) + seconds);
    return `${sign}${Number(length) + aged.length - uptime.length}\r\n${before}${aged}`;
  };
  return new Transform({
    transform: (chunk: Buffer, _, done) =>
      done(
        null,
        ages.size === 0 ? chunk : Buffer.from(chunk.toString("latin1").replace(infoAnswer, raise), "latin1"),
      ),
  });
}
