import { createHash, timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { Failure } from "../failure.ts";
import { noteCaller } from "./caller.ts";
import { refuseForeign } from "./loopback.ts";

export type Scope = "read" | "send" | "admin";

/**
 * Who may pass: holders of a key with that scope; `open`: everybody, once keys show that the server is meant
 * to be reached; `page`: the person who is logged in; `login`: everybody, as the way to a page; `wechat`: everybody,
 * as WeChat signs.
 */
export type Access = Scope | "open" | "page" | "login" | "wechat";

export type ApiKey = { readonly name: string; readonly key: string; readonly scopes: readonly Scope[] };

export type Gate = ReturnType<typeof createGate>;

export type GateDeps = {
  readonly apiKeys: readonly ApiKey[];
  /** The address that the server listens on: what is open without key or password needs a loopback one. */
  readonly host: string;
  /** Absent while no password is set. */
  readonly login?: Login | undefined;
  /** Called for each wrong key. Throws TOO_MANY_GUESSES. */
  readonly countWrongKey?: ((c: Context) => Promise<void>) | undefined;
};

export type Login = {
  isLoggedIn(c: Context): Promise<boolean>;
  /** Where to log in, and then to go on to what was asked for. */
  addressFor(request: Request): string;
};

/**
 * The check in front of every route. Without any API key all but `wechat` is under the loopback rule, without a
 * password every page.
 */
export function createGate({ apiKeys, host, login, countWrongKey }: GateDeps) {
  const requireScope = createKeyring(apiKeys, countWrongKey);
  const isUnlocked = (access: Access) =>
    access === "page" || access === "login" ? login === undefined : apiKeys.length === 0;

  return function gate(access: Access): MiddlewareHandler {
    return async (c, next) => {
      if (access !== "wechat" && isUnlocked(access)) refuseForeign(c, host);
      else if (access === "page") {
        if (!(await login?.isLoggedIn(c))) return askToLogIn(c, login?.addressFor(c.req.raw));
        noteCaller(c, "admin");
      } else if (access === "read" || access === "send" || access === "admin")
        noteCaller(c, await requireScope(c, access));
      return next();
    };
  };
}

/** How a page says that people log in by a form: no scheme of HTTP's own does. */
export const FORM_CHALLENGE = 'Form realm="qunfa"';

/** A person's browser is led to the login; whatever a page or a program asks for is refused. */
function askToLogIn(c: Context, address: string | undefined): Response {
  const isBrowsing = /^(GET|HEAD)$/.test(c.req.method) && /\btext\/html\b/.test(c.req.header("accept") ?? "");
  if (!isBrowsing || address === undefined)
    throw new Failure("UNAUTHORIZED", "Log in at /login.", { details: { challenge: FORM_CHALLENGE } });
  c.header("Cache-Control", "no-store");
  return c.redirect(address, 303);
}

function createKeyring(apiKeys: readonly ApiKey[], countWrongKey: GateDeps["countWrongKey"]) {
  const ring = apiKeys.map(({ name, key, scopes }) => ({ name, digest: digest(key), scopes }));

  /** The key's name. Throws UNAUTHORIZED without a known key, FORBIDDEN when it lacks the scope. */
  return async function requireScope(c: Context, scope: Scope): Promise<string> {
    const authorization = c.req.header("authorization");
    const given = digest(/^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1] ?? "");
    // All keys are compared, each in constant time, so that the time tells neither which nor how much fitted.
    const fitting = ring.filter((known) => timingSafeEqual(known.digest, given));
    const [known] = fitting;
    if (!known) {
      if (authorization !== undefined) await countWrongKey?.(c);
      throw new Failure("UNAUTHORIZED", "Send a valid key: Authorization: Bearer <key>.");
    }
    if (!known.scopes.includes(scope)) throw new Failure("FORBIDDEN", `This key lacks the scope "${scope}".`);
    return known.name;
  };
}

/** Hashing brings secrets of any length to the one length that a comparison in constant time needs. */
export function digest(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}
