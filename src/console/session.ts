import { scryptSync } from "node:crypto";
import type { Context } from "hono";
import { deleteCookie, getSignedCookie, setSignedCookie } from "hono/cookie";
import type { CookieOptions } from "hono/utils/cookie";
import type { Clock } from "../clock.ts";
import type { ClientOf } from "../http/client.ts";

const NAME = "qunfa";

/** How long a login lasts. */
const SESSION_SECONDS = 12 * 3_600;

export type SessionParts = {
  readonly password: string;
  readonly basePath: string;
  readonly clientOf: ClientOf;
  readonly clock: Clock;
};

export type Sessions = ReturnType<typeof createSessions>;

/**
 * Logins, kept in a signed cookie alone: until when, and nothing else. The key is made of the password, so that every
 * server knows it and a new password ends all logins; slowly, so that a cookie is no way to guess the password.
 */
export function createSessions({ password, basePath, clientOf, clock }: SessionParts) {
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

  return {
    async isOpen(c: Context): Promise<boolean> {
      const { prefix } = settingsFor(c);
      const value = await getSignedCookie(c, key, NAME, prefix);
      const [, until] = /^admin\.(\d{1,16})$/.exec(value || "") ?? [];
      return until !== undefined && Number(until) > clock.now();
    },

    async open(c: Context): Promise<void> {
      const until = clock.now() + SESSION_SECONDS * 1_000;
      const { options } = settingsFor(c);
      await setSignedCookie(c, NAME, `admin.${until}`, key, { ...options, maxAge: SESSION_SECONDS });
    },

    end(c: Context): void {
      deleteCookie(c, NAME, settingsFor(c).options);
    },
  };
}
