import type { IncomingMessage, ServerResponse } from "node:http";

/** What is taken of a request that was answered before it had come to its end. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_MS = 15_000;
const QUIET_MS = 2_000;

/**
 * Takes what is still coming of a request behind its answer, and throws it away: a client that is cut off while it
 * writes finds its connection broken before it has read why. One that sends on and on is cut off in the end.
 */
export function drainBehind(incoming: IncomingMessage, outgoing: ServerResponse): void {
  // Before Node's own listener, which would end a connection that is not kept alive.
  outgoing.prependOnceListener("finish", () => {
    if (incoming.readableEnded || incoming.destroyed) return;
    const { socket } = incoming;
    let [bytes, isLast] = [0, false];
    socket.destroySoon = () => {
      isLast = true;
      socket.end();
    };
    const cut = () => socket.destroy();
    const late = setTimeout(cut, MOST_MS).unref();
    const quiet = setTimeout(cut, QUIET_MS).unref();
    const done = () => {
      clearTimeout(late);
      clearTimeout(quiet);
      Reflect.deleteProperty(socket, "destroySoon");
      if (isLast) socket.destroySoon();
    };
    incoming.on("data", ({ length }: Buffer) => {
      bytes += length;
      quiet.refresh();
      if (bytes > MOST_BYTES) cut();
    });
    for (const event of ["end", "error", "close"] as const) incoming.once(event, done);
    incoming.resume();
  });
}
