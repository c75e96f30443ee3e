import { Account } from "../../src/campaign/account.ts";
import { parseCampaign } from "../../src/campaign/body.ts";
import { Failure } from "../../src/failure.ts";
import { createApiDocument } from "../../src/http/api-document.ts";
import type { AppDeps } from "../../src/http/app.ts";
import type { Scope } from "../../src/http/auth.ts";
import { EventQuery } from "../../src/http/events.ts";
import { readQuery } from "../../src/http/query.ts";
import { createRoutes } from "../../src/http/routes.ts";
import { createTestDesk } from "./desk.ts";
import { createDoorDeps } from "./door.ts";
import { openid } from "./ledger.ts";

const away = () => Promise.reject(new Failure("REDIS_AWAY", "There is nothing behind this door."));
const anything = new Proxy({}, { get: () => away });
const reviewsAway = { open: away, look: away, settle: away, sendAgain: away, audit: { list: away } };
const acme = Account.parse({ id: "acme", appid: "wx0123456789", secret: "s", kind: "service", token: "t" });
const accounts = new Map([["acme", acme]]);
const allScopes = ["read", "send", "admin"] as const;

/** A door behind which nothing can be had: what is not refused before is answered 503. */
export const emptyDoor: Partial<AppDeps<string>> = {
  accounts,
  apiKeys: allScopes.map((scope) => ({ name: scope, key: `${scope}-key`, scopes: [scope] })),
  async takeIn(_, body) {
    parseCampaign(body, accounts);
    return away();
  },
  async dryRun(body) {
    parseCampaign(body, accounts);
    return away();
  },
  lists: anything as never,
  doNotSend: anything as never,
  externalSends: anything as never,
  reviews: reviewsAway,
  events(c) {
    readQuery(c, EventQuery);
    return away();
  },
  moves: { campaign: away, account: away },
  desk: createTestDesk({
    preview: away,
    recall: { plan: away, recall: away },
    quota: { refresh: away, clear: away },
    wechatOf: () => ({ massDesk: anything, menus: anything, qrCodes: anything, tags: anything }) as never,
  }),
};

type Body = { readonly examples?: Record<string, { readonly value: object }> };
type Described = {
  readonly security: readonly { bearer?: readonly Scope[] }[];
  readonly parameters?: readonly { in: string; name: string }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Record<string, Body> };
};

const document = createApiDocument(createRoutes(createDoorDeps(emptyDoor).deps));

/** Every path of the document, and by which methods it is called. */
export const paths = Object.entries(document.paths as Record<string, Record<string, Described>>).map(
  ([path, item]) => ({ path, address: addressOf(path), item }),
);

export type Call = (typeof calls)[number];

/** Every call that needs a key, with examples of its JSON body, if it has one. */
export const calls = paths.flatMap(({ path, address, item }) =>
  Object.entries(item).flatMap(([name, { security, parameters = [], requestBody }]) => {
    const scope = security[0]?.bearer?.[0];
    if (!scope) return [];
    const method = name.toUpperCase();
    const examples = requestBody?.content["application/json"]?.examples ?? {};
    const query = parameters.filter((one) => one.in === "query").map((one) => one.name);
    const bodies = Object.values(examples).map(({ value }) => value);
    const isRequired = requestBody?.required ?? false;
    return [{ at: `${method} ${path}`, method, address, scope, query, bodies, isRequired }];
  }),
);

/** The path of something that could be there. */
function addressOf(path: string): string {
  const id = path.includes("audiences") ? "0b8f7a52-6f0c-4d6e-9c59-3f1f8f9c2d11" : "here";
  const known: Record<string, string> = {
    account: "acme",
    openid: openid("one"),
    menuid: "1",
    number: "1",
    file: "t.jpg",
  };
  return path.replace(/\{(\w+)\}/g, (_, name: string) => known[name] ?? id);
}
