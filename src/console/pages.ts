import type { Context, Handler } from "hono";
import { html } from "hono/html";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Clock } from "../clock.ts";
import type { Login } from "../http/auth.ts";
import { createBasePath } from "../http/base-path.ts";
import type { ClientOf } from "../http/client.ts";
import type { Guesses } from "../http/guesses.ts";
import type { Ledger } from "../http/ledger.ts";
import { createProblems } from "../http/problem.ts";
import type { PageRoute } from "../http/route.ts";
import type { Logger } from "../log.ts";
import type { EndedLogins } from "../store/ended-logins.ts";
import { createAssets } from "./asset.ts";
import { createCampaignList } from "./campaign-list.ts";
import { createCampaignPage } from "./campaign-page.ts";
import { createLayout, type Layout } from "./layout.ts";
import { createLoginRoutes } from "./login.ts";
import { createSessions } from "./session.ts";

export type PageParts = {
  readonly ledger: Ledger;
  readonly accounts: readonly string[];
  /** Absent while none is set: then there is no login. */
  readonly password?: string | undefined;
  readonly basePath: string;
  readonly clientOf: ClientOf;
  readonly guesses: Guesses;
  readonly ended: EndedLogins;
  readonly clock: Clock;
  readonly log: Logger;
};

/** The person's door, all but the queue dashboard; `login` is for the gate in front of it. */
export function createPages(parts: PageParts): { routes: readonly PageRoute[]; login: Login | undefined } {
  const { ledger, password, basePath, log } = parts;
  const { routes: assets, ...paths } = createAssets();
  const layout = createLayout({ basePath, hasLogin: password !== undefined, ...paths });
  const sessions = password === undefined ? undefined : createSessions({ ...parts, password });
  const routes: readonly PageRoute[] = [
    { method: "GET", path: "/", access: "page", handler: createCampaignList({ ...parts, layout }) },
    { method: "GET", path: "/campaigns/:id", access: "page", handler: createCampaignPage(ledger, layout) },
    ...(sessions && password !== undefined
      ? createLoginRoutes({ ...parts, password, sessions, layout })
      : []),
  ];
  const { addressOf } = createBasePath(basePath);
  const inWords = createTroublePage(layout, log);
  return {
    routes: [...routes.map((route) => ({ ...route, handler: inWords(route.handler) })), ...assets],
    login: sessions && {
      isLoggedIn: sessions.isOpen,
      addressFor: (request) => `/login?${new URLSearchParams({ next: addressOf(request) })}`,
    },
  };
}

/** Shows a person what is a problem body to a program; status and headers are the same. */
function createTroublePage(layout: Layout, log: Logger) {
  const answer = createProblems(log);
  return (handler: Handler) =>
    async (c: Context): Promise<Response> => {
      try {
        return await handler(c, async () => {});
      } catch (error) {
        const { status, headers } = answer(error);
        const { w } = layout.speak(c);
        const retryAfter = headers.get("Retry-After");
        if (retryAfter !== null) c.header("Retry-After", retryAfter);
        const main = html`<p class="trouble" role="alert">${w.troubles[status] ?? w.trouble}</p>
<p><a href="${layout.basePath}/">${w.toCampaigns}</a></p>`;
        return layout.answer(c, { title: String(status), main, status: status as ContentfulStatusCode });
      }
    };
}
