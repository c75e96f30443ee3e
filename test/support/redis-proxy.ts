import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type Command, createCommandReader } from "./redis-commands.ts";

/** A write at which something befalls the process behind a proxy. */
export type Fault = {
  /** The command's name, of a script its own: `begin`, `bullmq:moveToFinished`, `HSET`. */
  readonly write: string;
  /** What one of its arguments must name: an account, a campaign. */
  readonly by: string;
  /** What one of its arguments must look like. */
  readonly of?: RegExp | undefined;
  /** The how-maniest such write; default the first. */
  readonly nth?: number | undefined;
  /** Before Redis gets it, or once Redis has done it and nobody has heard. */
  readonly when: "before" | "after";
};

export type RedisProxy = Awaited<ReturnType<typeof openRedisProxy>>;

/**
 * Stands between one process and Redis, so that the process can be killed right before or right after a
 * write: at the fault nothing passes any more, on no connection and in no direction, but for the write itself
 * when the kill is to come after it.
 */
export async function openRedisProxy({ port }: { readonly port: number }) {
  const sockets = new Set<Socket>();
  let isShut = false;
  let armed: { fault: Fault; seen: number; hit: (command: Command) => void } | undefined;

  const server = createServer((client) => {
    const redis = connect(port, "127.0.0.1");
    const read = createCommandReader();
    for (const socket of [client, redis]) {
      sockets.add(socket);
      socket.setNoDelay();
      socket.on("error", () => {});
      socket.once("close", () => sockets.delete(socket));
    }
    client.on("data", (chunk) => {
      for (const command of isShut ? [] : read(chunk)) {
        if (isShut) return;
        const when = strikes(command);
        if (when !== "before") redis.write(command.bytes);
        if (when === undefined) continue;
        isShut = true;
        // Redis does all that it was sent before it sees that nobody listens, and hangs up then.
        if (when === "after") redis.end();
        const struck = when === "after" ? once(redis, "close") : Promise.resolve();
        const { hit } = armed ?? {};
        void struck.then(() => hit?.(command));
      }
    });
    redis.on("data", (chunk) => isShut || client.write(chunk));
    client.once("close", () => isShut || redis.destroy());
    redis.once("close", () => isShut || client.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  function strikes({ name, args }: Command): Fault["when"] | undefined {
    if (!armed || name !== armed.fault.write) return undefined;
    const { by, of, nth = 1, when } = armed.fault;
    if (!args.some((arg) => arg.includes(by))) return undefined;
    if (of && !args.some((arg) => of.test(arg))) return undefined;
    armed.seen += 1;
    return armed.seen === nth ? when : undefined;
  }

  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Resolves with the write when it is there, or done, and everything is shut: the moment to kill. */
    struck: (fault: Fault): Promise<Command> =>
      new Promise((hit) => {
        armed = { fault, seen: 0, hit };
      }),
    async close(): Promise<void> {
      isShut = true;
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
