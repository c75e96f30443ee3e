import { html } from "hono/html";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Clock } from "../clock.ts";
import type { Login } from "../http/auth.ts";
import { createBasePath } from "../http/base-path.ts";
import { callerOf } from "../http/caller.ts";
import type { ClientOf } from "../http/client.ts";
import type { Guesses } from "../http/guesses.ts";
import type { Ledger } from "../http/ledger.ts";
import type { TroublePage } from "../http/problem.ts";
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
export function createPages(parts: PageParts): {
  routes: readonly PageRoute[];
  login: Login | undefined;
  troublePage: TroublePage;
} {
  const { ledger, password, basePath } = parts;
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
  return {
    routes: [...routes, ...assets],
    login: sessions && {
      isLoggedIn: sessions.isOpen,
      addressFor: (request) => `/login?${new URLSearchParams({ next: addressOf(request) })}`,
    },
    troublePage: createTroublePage(layout),
  };
}

/** Shows a person what is a problem body to a program; status and headers are the same. */
function createTroublePage(layout: Layout): TroublePage {
  return (c, { status, headers }) => {
    const { w } = layout.speak(c);
    for (const name of ["Retry-After", "Allow"]) {
      const value = headers.get(name);
      if (value !== null) c.header(name, value);
    }
    const sentence = w.troubles[status] ?? (status < 500 ? w.troubles[400] : w.trouble);
    const main = html`<p class="trouble" role="alert">${sentence}</p>
<p><a href="${layout.basePath}/">${w.toCampaigns}</a></p>`;
    const isPlain = callerOf(c) !== "admin";
    return layout.answer(c, { title: String(status), main, isPlain, status: status as ContentfulStatusCode });
  };
}
