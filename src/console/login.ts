import { timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import { html } from "hono/html";
import { z } from "zod";
import { Failure } from "../failure.ts";
import { digest, FORM_CHALLENGE } from "../http/auth.ts";
import { readBody } from "../http/body.ts";
import type { ClientOf } from "../http/client.ts";
import type { Guesses } from "../http/guesses.ts";
import type { PageRoute } from "../http/route.ts";
import type { Logger } from "../log.ts";
import type { Layout } from "./layout.ts";
import { localPath } from "./local-path.ts";
import { refuseForeignForm } from "./same-site.ts";
import type { Sessions } from "./session.ts";

const USER = "admin";
const BODY_LIMITS = { limitBytes: 8_192, withinMs: 10_000 };

const LoginForm = z.object({
  username: z.string().default(""),
  password: z.string().default(""),
  next: z.string().optional(),
});

export type LoginParts = {
  readonly password: string;
  readonly sessions: Sessions;
  readonly guesses: Guesses;
  readonly clientOf: ClientOf;
  readonly layout: Layout;
  readonly log: Logger;
};

/** Logging in and out of the pages (CONTRACT section 2). */
export function createLoginRoutes(parts: LoginParts): readonly PageRoute[] {
  const { sessions, guesses, clientOf, layout, log } = parts;
  const expected = digest(`${USER}\n${parts.password}`);

  const form = (c: Context, next: string, trouble?: { status: 401 | 429; message: string }) => {
    const { w } = layout.speak(c);
    const main = html`${trouble && html`<p class="trouble" role="alert">${trouble.message}</p>`}
<form class="login" method="post" action="${layout.basePath}/login">
<label>${w.user}<input name="username" value="${USER}" autocomplete="username" required></label>
<label>${w.password}<input name="password" type="password" autocomplete="current-password" required autofocus></label>
<input type="hidden" name="next" value="${next}">
<button>${w.logIn}</button>
</form>`;
    return layout.answer(c, { title: w.logIn, main, isPlain: true, status: trouble?.status ?? 200 });
  };

  const logIn = async (c: Context) => {
    const client = clientOf(c);
    refuseForeignForm(c, client);
    const { username, password, next } = await readForm(c.req.raw);
    const { w } = layout.speak(c);
    const to = localPath(next);
    try {
      await guesses.count(client.address);
    } catch (error) {
      if (!(error instanceof Failure && error.code === "TOO_MANY_GUESSES")) throw error;
      const seconds = Number(error.details.retryAfterSeconds);
      log.warn({ address: client.address }, "A login was refused after too many wrong passwords");
      c.header("Retry-After", String(seconds));
      return form(c, to, { status: 429, message: w.tooManyGuesses(seconds) });
    }
    if (!timingSafeEqual(digest(`${username}\n${password}`), expected)) {
      log.warn({ address: client.address }, "A login failed: wrong user or password");
      c.header("WWW-Authenticate", FORM_CHALLENGE);
      return form(c, to, { status: 401, message: w.wrongPassword });
    }
    await guesses.forgive(client.address);
    await sessions.open(c);
    log.info({ address: client.address }, "A person has logged in");
    return c.redirect(to, 303);
  };

  return [
    {
      method: "GET",
      path: "/login",
      access: "login",
      async handler(c) {
        const next = localPath(c.req.query("next"));
        // Without Redis a person may log in anew, for when it is back.
        const isOpen = await sessions.isOpen(c).catch(() => false);
        return isOpen ? c.redirect(next, 303) : form(c, next);
      },
    },
    { method: "POST", path: "/login", access: "login", handler: logIn },
    {
      method: "POST",
      path: "/logout",
      access: "login",
      async handler(c) {
        refuseForeignForm(c, clientOf(c));
        await sessions.end(c);
        return c.redirect("/login", 303);
      },
    },
  ];
}

async function readForm(request: Request) {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/x-www-form-urlencoded\b/i.test(type))
    throw new Failure("UNSUPPORTED_MEDIA_TYPE", "Send the form as application/x-www-form-urlencoded.");
  const body = await readBody(request, BODY_LIMITS);
  return LoginForm.parse(Object.fromEntries(new URLSearchParams(body.toString("utf8"))));
}
