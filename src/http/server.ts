import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { getRequestListener, type Http2Bindings, type HttpBindings, RequestError } from "@hono/node-server";
import type { Hono } from "hono";
import { Failure } from "../failure.ts";
import { drainBehind } from "./drain.ts";
import { closing, secure } from "./headers.ts";
import { problemResponse } from "./problem.ts";
import { answerUnparsed } from "./unparsed.ts";

const CLOSE_WITHIN_MS = 5_000;
const REQUEST_MS = 3_600_000;

export type HttpServer = Awaited<ReturnType<typeof openServer>>;

type Listening = {
  readonly app: Hono;
  readonly host: string;
  readonly port: number;
  /** The variable that names the port. */
  readonly portFrom?: string;
};

/**
 * Serves the app. Port 0 takes any free one, `port` says which.
 *
 * @throws Failure BAD_CONFIG when host and port can't be listened on
 */
export async function openServer({ app, host, port, portFrom = "PORT" }: Listening) {
  const answer = (request: Request, bindings: HttpBindings | Http2Bindings) => {
    checkHead((bindings as HttpBindings).incoming);
    return app.fetch(request, bindings);
  };
  const listener = getRequestListener(answer, {
    // The process has undici and others that want the real Request and Response.
    overrideGlobalObjects: false,
    // Its own gives a client half a second to stop writing, which one under load needs to read its answer.
    autoCleanupIncoming: false,
    errorHandler: (error) => closing(secure(malformed(error))),
  });
  const answering = new WeakMap<Duplex, ServerResponse>();
  const serve = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    answering.set(incoming.socket, outgoing);
    drainBehind(incoming, outgoing);
    return listener(incoming, outgoing);
  };
  // A Host header that is missing is the listener's to refuse: Node's own answer has no body.
  const server = createServer({ requireHostHeader: false }, serve);
  // An expectation that is not known need not be met (RFC 9110 section 10.1.1): Node's own 417 has no body.
  server.on("checkExpectation", serve);
  server.on("clientError", (error, socket) => answerUnparsed(error, socket, answering.get(socket)));
  // A long list may take its time; every body is timed by whoever reads it (`body.ts`).
  server.requestTimeout = REQUEST_MS;
  await listen(server, { host, port, portFrom });
  const bound = (server.address() as AddressInfo).port;
  const close = createClose(server);

  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    port: bound,
    /** Takes no new request, waits for those in hand, and at the deadline cuts what is left. */
    close,
  };
}

/** Only what is too broken to become a request gets here: the app answers for everything else. */
function malformed(error: unknown): Response {
  if (error instanceof Failure) return problemResponse(error);
  if (error instanceof RequestError)
    return problemResponse(new Failure("BAD_REQUEST", "The request's address or Host header is malformed."));
  return problemResponse(new Failure("INTERNAL", "qunfa made a mistake."));
}

/**
 * What Node takes and a proxy before it may read otherwise (RFC 9112, sections 3.2 and 6.1).
 *
 * @throws Failure BAD_REQUEST
 */
function checkHead({ headers, headersDistinct }: IncomingMessage): void {
  if (headersDistinct.host?.length !== 1)
    throw new Failure("BAD_REQUEST", "The request has more than one Host header.");
  if (!/^(chunked)?$/i.test(headers["transfer-encoding"] ?? ""))
    throw new Failure("BAD_REQUEST", "A body may be chunked, and have no other Transfer-Encoding.");
}

async function listen(
  server: Server,
  { host, port, portFrom }: Pick<Required<Listening>, "host" | "port" | "portFrom">,
): Promise<void> {
  try {
    server.listen({ host, port });
    await once(server, "listening");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Failure("BAD_CONFIG", `Can't listen on HOST and ${portFrom}: ${reason}.`, { cause });
  }
}

function createClose(server: Server): (deadlineMs?: number) => Promise<void> {
  let closed: Promise<void> | undefined;
  return (deadlineMs = CLOSE_WITHIN_MS) => {
    closed ??= new Promise((resolve) => {
      // A connection that was in use when close began turns idle after its answer, and is nobody's then.
      const sweep = setInterval(() => server.closeIdleConnections(), 20);
      const cut = setTimeout(() => server.closeAllConnections(), deadlineMs);
      server.close(() => {
        clearInterval(sweep);
        clearTimeout(cut);
        resolve();
      });
    });
    return closed;
  };
}
