import type { Context } from "hono";
import { Failure, failures } from "../failure.ts";
import type { Logger } from "../log.ts";
import { isRedisAway } from "../store/redis-away.ts";

/** The details of a Failure that callers may read (CONTRACT section 5); all others stay inside. */
const sharedDetails = ["errors", "allowed", "errcode", "rid", "reason", "until"] as const;

/** While Redis is away. */
export const RETRY_AFTER_SECONDS = 5;

/** The page that a person sees in place of a problem body, with its status. */
export type TroublePage = (c: Context, problem: Response) => Promise<Response>;

/** One expected failure as RFC 9457 writes it, with the headers that its status asks for. */
export function problemResponse(failure: Failure): Response {
  const { code, message: detail, details } = failure;
  const { status, title } = failures[code];
  const shared = sharedDetails.flatMap((name) =>
    details[name] === undefined ? [] : [[name, details[name]]],
  );
  const body = {
    type: `urn:qunfa:failure:${code}`,
    title,
    status,
    detail,
    code,
    ...Object.fromEntries(shared),
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      "Content-Type": "application/problem+json",
      "Cache-Control": "no-store",
      ...(status === 401 && { "WWW-Authenticate": String(details.challenge ?? "Bearer") }),
      ...(status === 405 && Array.isArray(details.allowed) && { Allow: details.allowed.join(", ") }),
      ...(status === 429 && { "Retry-After": String(details.retryAfterSeconds) }),
      // What is left of such a body is not waited for.
      ...((status === 408 || status === 413) && { Connection: "close" }),
      ...(status === 503 && { "Retry-After": String(RETRY_AFTER_SECONDS) }),
    },
  });
}

/**
 * Turns whatever a handler threw into its answer. A Failure gets the status of the table, a Redis that is
 * away 503; all else is a bug: 500 without a word of it to the caller, and its stack in the log.
 */
export function createProblems(log: Logger) {
  return function answer(error: unknown): Response {
    if (error instanceof Failure) {
      const { code, message: reason } = error;
      if (failures[code].status >= 500) log.warn({ code, reason }, "request failed");
      return problemResponse(error);
    }
    if (isRedisAway(error)) {
      log.warn(
        { code: "REDIS_AWAY", reason: error instanceof Error ? error.message : undefined },
        "request failed",
      );
      return problemResponse(new Failure("REDIS_AWAY", "Redis does not answer: try again in a few seconds."));
    }
    // Never the error itself: a Redis error carries its command with all arguments, and so OpenIDs.
    log.error({ stack: stackOf(error) }, "request met a bug");
    return problemResponse(new Failure("INTERNAL", "qunfa made a mistake. Its log has the details."));
  };
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return `thrown without a stack: ${typeof error}`;
  const stack = error.stack ?? error.message;
  return error.cause === undefined ? stack : `${stack}\ncaused by ${stackOf(error.cause)}`;
}
