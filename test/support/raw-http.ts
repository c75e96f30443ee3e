import { connect } from "node:net";

/** Bytes as they are sent, and how the connection ends. */
export type Raw = {
  readonly status: number;
  readonly text: string;
  /** Whether the server has closed the connection. */
  readonly closed: boolean;
};

/**
 * Writes bytes that no HTTP client would, and reads until the server closes the connection, or `withinMs` are
 * over. `drip` is written every few milliseconds as long as nothing is answered.
 */
export function rawRequest(
  base: string,
  bytes: string | Buffer,
  { drip = "", withinMs = 5_000 } = {},
): Promise<Raw> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    const chunks: Buffer[] = [];
    const end = (closed: boolean) => {
      clearTimeout(timer);
      clearInterval(dripping);
      socket.destroy();
      const text = Buffer.concat(chunks).toString("latin1");
      resolve({ status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? 0), text, closed });
    };
    const timer = setTimeout(() => end(false), withinMs);
    const dripping = setInterval(() => drip && chunks.length === 0 && socket.write(drip), 50);
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("error", () => {});
    socket.on("close", () => end(true));
    socket.write(bytes);
  });
}
