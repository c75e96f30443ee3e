import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { Failure } from "../failure.ts";
import { noteCaller } from "./caller.ts";
import { refuseForeign } from "./loopback.ts";

export type Scope = "read" | "send" | "admin";

/**
 * Who may pass: holders of a key with that scope; `open`: everybody, once keys show that the server is meant
 * to be reached; `page`: this machine only, until people can log in; `wechat`: everybody, as WeChat signs.
 */
export type Access = Scope | "open" | "page" | "wechat";

export type ApiKey = { readonly name: string; readonly key: string; readonly scopes: readonly Scope[] };

export type Gate = ReturnType<typeof createGate>;

/** The check in front of every route. Without any API key, all but `wechat` is under the loopback rule. */
export function createGate({ apiKeys, host }: { apiKeys: readonly ApiKey[]; host: string }) {
  const requireScope = createKeyring(apiKeys);

  return function gate(access: Access): MiddlewareHandler {
    return async (c, next) => {
      if (access === "page" || (apiKeys.length === 0 && access !== "wechat")) refuseForeign(c, host);
      else if (access !== "open" && access !== "wechat")
        noteCaller(c, requireScope(c.req.header("authorization"), access));
      await next();
    };
  };
}

function createKeyring(apiKeys: readonly ApiKey[]) {
  const ring = apiKeys.map(({ name, key, scopes }) => ({ name, digest: digest(key), scopes }));

  /** The key's name. Throws UNAUTHORIZED without a known key, FORBIDDEN when it lacks the scope. */
  return function requireScope(authorization: string | undefined, scope: Scope): string {
    const given = digest(/^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1] ?? "");
    // All keys are compared, each in constant time, so that the time tells neither which nor how much fitted.
    const fitting = ring.filter((known) => timingSafeEqual(known.digest, given));
    const [known] = fitting;
    if (!known) throw new Failure("UNAUTHORIZED", "Send a valid key: Authorization: Bearer <key>.");
    if (!known.scopes.includes(scope)) throw new Failure("FORBIDDEN", `This key lacks the scope "${scope}".`);
    return known.name;
  };
}

/** Hashing brings keys of any length to the one length that the comparison needs. */
function digest(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
