import { randomBytes, scryptSync } from "node:crypto";
import type { Context } from "hono";
import { deleteCookie, getSignedCookie, setSignedCookie } from "hono/cookie";
import type { CookieOptions } from "hono/utils/cookie";
import type { Clock } from "../clock.ts";
import type { ClientOf } from "../http/client.ts";
import type { EndedLogins } from "../store/ended-logins.ts";

const NAME = "qunfa";

/** How long a login lasts. */
const SESSION_SECONDS = 12 * 3_600;

export type SessionParts = {
  readonly password: string;
  readonly basePath: string;
  readonly clientOf: ClientOf;
  readonly ended: EndedLogins;
  readonly clock: Clock;
};

export type Sessions = ReturnType<typeof createSessions>;

/**
 * Logins, kept in a signed cookie: until when, and an id by which one that was ended is known. The key is made of the
 * password, so that every server knows it and a new password ends all logins; slowly, so that a cookie is no way to
 * guess the password.
 */
export function createSessions({ password, basePath, clientOf, ended, clock }: SessionParts) {
  const key = scryptSync(password, "qunfa session cookie", 32);

  /** A browser holds a cookie of these prefixes to having come by https, and `__Host-` to the whole host. */
  const settingsFor = (c: Context) => {
    const secure = clientOf(c).isHttps;
    const prefix = !secure ? undefined : basePath === "" ? ("host" as const) : ("secure" as const);
    const options: CookieOptions = {
      path: basePath || "/",
      httpOnly: true,
      sameSite: "Lax",
      secure,
      ...(prefix && { prefix }),
    };
    return { prefix, options };
  };

  /** What the request's cookie says, if it is ours and its time is not over. */
  const read = async (c: Context): Promise<{ id: string; until: number } | undefined> => {
    const { prefix } = settingsFor(c);
    const value = await getSignedCookie(c, key, NAME, prefix);
    const [, until, id] = /^admin\.(\d{1,16})\.(\w+)$/.exec(value || "") ?? [];
    return id !== undefined && Number(until) > clock.now() ? { id, until: Number(until) } : undefined;
  };

  return {
    /** Throws what Redis throws, as it can't be known then whether it was ended. */
    async isOpen(c: Context): Promise<boolean> {
      const session = await read(c);
      return session !== undefined && !(await ended.has(session.id));
    },

    async open(c: Context): Promise<void> {
      const until = clock.now() + SESSION_SECONDS * 1_000;
      const { options } = settingsFor(c);
      const value = `admin.${until}.${randomBytes(12).toString("hex")}`;
      await setSignedCookie(c, NAME, value, key, { ...options, maxAge: SESSION_SECONDS });
    },

    /** In every server: a copy of the cookie is worth nothing afterwards. */
    async end(c: Context): Promise<void> {
      const session = await read(c);
      if (session) await ended.end(session.id, session.until - clock.now());
      deleteCookie(c, NAME, settingsFor(c).options);
    },
  };
}
