import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { Failure } from "../failure.ts";
import { closing, secure } from "./headers.ts";
import { problemResponse } from "./problem.ts";

/** What Node's parser says of a request that never becomes one; all else is malformed in a way of its own. */
const sayings: Readonly<Record<string, Failure>> = {
  HPE_HEADER_OVERFLOW: new Failure("BAD_REQUEST", "The request's headers are longer than 16 KiB."),
  ERR_HTTP_REQUEST_TIMEOUT: new Failure("TOO_SLOW", "The request did not arrive in time."),
};

/**
 * Answers a request that the HTTP parser gives up on, of which the app never hears, as the app would have: Node's
 * own answer has no body. A connection that is gone, or amid another answer, is only closed.
 */
export async function answerUnparsed(
  { code = "" }: NodeJS.ErrnoException,
  socket: Duplex,
  answering: ServerResponse | undefined,
): Promise<void> {
  const failure = sayings[code] ?? new Failure("BAD_REQUEST", "The request is no HTTP/1.1 that can be read.");
  const answer = closing(secure(problemResponse(failure)));
  const body = Buffer.from(await answer.arrayBuffer());
  const isAmidAnswer = answering?.headersSent && !answering.writableFinished;
  if (code === "ECONNRESET" || !socket.writable || isAmidAnswer) {
    socket.destroy();
    return;
  }
  const head = [
    `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}`,
    ...[...answer.headers].map(([name, value]) => `${name}: ${value}`),
    `content-length: ${body.length}`,
  ];
  socket.end(Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body]), () => socket.destroy());
}
