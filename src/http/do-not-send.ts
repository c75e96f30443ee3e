import type { Context } from "hono";
import { z } from "zod";
import { inlineOpenIds } from "../campaign/body.ts";
import { either } from "../campaign/either.ts";
import { sortOpenIds } from "../campaign/intake.ts";
import { ListId } from "../campaign/list.ts";
import { OpenId, openIdIn } from "../campaign/openid.ts";
import { Failure } from "../failure.ts";
import type { DoNotSend } from "../store/do-not-send.ts";
import { type Accounts, accountIn } from "./account.ts";
import { fitting } from "./fitting.ts";
import { readJson } from "./json-body.ts";
import { NoQuery, PageQuery, pageOf, readQuery } from "./query.ts";
import { documented } from "./route.ts";

/** What this door does with an account's do-not-send list; `compose.ts` hands it over. */
export type DoNotSendDesk = Pick<DoNotSend, "add" | "drop" | "has" | "list" | "total"> & {
  /** Puts everybody of a stored list on it. Throws NOT_FOUND, INVALID_PARAMETER for one that can't be had. */
  addList(account: string, id: ListId): Promise<Added>;
};

export type Added = { readonly received: number; readonly invalid: number; readonly added: number };

const People = z
  .strictObject({
    openids: inlineOpenIds("OpenIDs, upload a longer list and name its audienceId").optional(),
    audienceId: ListId.optional(),
  })
  .refine(
    ({ openids, audienceId }) => (openids === undefined) !== (audienceId === undefined),
    "expected either openids or the audienceId of a list",
  )
  .meta({ id: "People", ...either("openids", "audienceId") });

const total = z.int().nonnegative().describe("How many are on the list.");
const AddedView = z.object({ received: z.int(), invalid: z.int(), added: z.int(), total });
type AddedView = z.infer<typeof AddedView>;

/** People to whom an account sends nothing. */
export function createDoNotSendHandlers(desk: DoNotSendDesk, accounts: Accounts) {
  async function add(account: string, { openids = [], audienceId }: z.infer<typeof People>): Promise<Added> {
    if (audienceId !== undefined) return desk.addList(account, audienceId);
    const { valid, invalid } = sortOpenIds(openids);
    return { received: openids.length, invalid: invalid.length, added: await desk.add(account, valid) };
  }

  return {
    list: documented(
      {
        id: "listDoNotSend",
        summary: "Lists the people to whom an account sends nothing.",
        tag: "Accounts",
        query: PageQuery,
        answers: { 200: pageOf(z.object({ openid: OpenId }), { total }) },
      },
      async (c) => {
        const query = readQuery(c, PageQuery);
        const { id } = accountIn(c, accounts);
        const { items, nextCursor } = await desk.list(id, query);
        return c.json({
          items: items.map((openid) => ({ openid })),
          nextCursor,
          total: await desk.total(id),
        });
      },
    ),

    add: documented(
      {
        id: "addDoNotSend",
        summary: "Adds people to whom the account sends nothing any more; who is on the list stays there.",
        tag: "Accounts",
        body: People,
        answers: { 200: AddedView },
        fails: ["AUDIENCE_LOST"],
      },
      async (c) => {
        readQuery(c, NoQuery);
        const { id } = accountIn(c, accounts);
        const { received, invalid, added } = await add(id, fitting(People, await readJson(c.req.raw)));
        return c.json({ received, invalid, added, total: await desk.total(id) } satisfies AddedView);
      },
    ),

    show: documented(
      {
        id: "getDoNotSend",
        summary: "Tells whether an account sends one person nothing.",
        tag: "Accounts",
        answers: { 200: z.object({ openid: OpenId, doNotSend: z.boolean() }) },
      },
      async (c) => {
        readQuery(c, NoQuery);
        const { id } = accountIn(c, accounts);
        const openid = openIdOf(c);
        return c.json({ openid, doNotSend: await desk.has(id, openid) });
      },
    ),

    remove: documented(
      {
        id: "removeDoNotSend",
        summary: "Takes one person off the list: the account may send to them again.",
        tag: "Accounts",
        answers: { 204: null },
      },
      async (c) => {
        readQuery(c, NoQuery);
        const { id } = accountIn(c, accounts);
        if (!(await desk.drop(id, openIdOf(c)))) throw new Failure("NOT_FOUND", "They are not on the list.");
        return c.body(null, 204);
      },
    ),
  };
}

function openIdOf(c: Context): OpenId {
  const openid = openIdIn(c.req.param("openid"));
  if (openid !== undefined) return openid;
  throw new Failure("INVALID_PARAMETER", "That can't be an OpenID.", {
    details: { errors: [{ path: "openid", message: "20 to 64 characters of A-Z a-z 0-9 _ -" }] },
  });
}
