import type { MiddlewareHandler } from "hono";
import { etag, RETAINED_304_HEADERS } from "hono/etag";

/**
 * For answers that callers ask for again and again: an ETag, and 304 to who names it in `If-None-Match`. They may be
 * kept by the caller, not by a proxy, and have to be asked for again before each use.
 */
export function createConditional(): readonly [MiddlewareHandler, MiddlewareHandler] {
  return [
    // What a 304 says of a page holds for the one that is kept: its policy as well (RFC 9111 section 4.3.4).
    etag({ weak: true, retainedHeaders: [...RETAINED_304_HEADERS, "content-security-policy"] }),
    async (c, next) => {
      await next();
      if (!c.res.headers.has("Cache-Control")) c.res.headers.set("Cache-Control", "private, no-cache");
    },
  ];
}
