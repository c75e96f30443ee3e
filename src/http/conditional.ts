import type { MiddlewareHandler } from "hono";
import { etag } from "hono/etag";

/**
 * For answers that callers ask for again and again: an ETag, and 304 to who names it in `If-None-Match`. They may be
 * kept by the caller, not by a proxy, and have to be asked for again before each use.
 */
export function createConditional(): readonly [MiddlewareHandler, MiddlewareHandler] {
  return [
    etag({ weak: true }),
    async (c, next) => {
      await next();
      if (!c.res.headers.has("Cache-Control")) c.res.headers.set("Cache-Control", "private, no-cache");
    },
  ];
}
