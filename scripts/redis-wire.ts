import { connect } from "node:net";

/**
 * Sends inline commands to a Redis on loopback and hands back all that it says until it hangs up;
 * undefined when nothing answers in time. Enough for PING, INFO and SHUTDOWN before any client exists.
 */
export function ask(port: number, ...commands: string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect({ port, host: "127.0.0.1" });
    socket.setTimeout(2_000, () => socket.destroy());
    socket.on("connect", () => socket.write([...commands, "QUIT", ""].join("\r\n")));
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", () => {});
    socket.on("close", () => resolve(chunks.length > 0 ? Buffer.concat(chunks).toString() : undefined));
  });
}

/** The process id of the Redis that answers on this port and is ready for commands. */
export async function answeringPid(port: number): Promise<number | undefined> {
  const reply = await ask(port, "PING", "INFO server");
  if (!reply?.startsWith("+PONG")) return undefined;
  const pid = /^process_id:(\d+)/m.exec(reply)?.[1];
  return pid === undefined ? undefined : Number(pid);
}
