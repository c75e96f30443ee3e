import { z } from "zod";
import type { Tags } from "../wechat/tags.ts";
import { valueIn } from "../wechat/value-in.ts";
import { type Accounts, accountIn } from "./account.ts";
import { NoQuery, pageOf, readQuery } from "./query.ts";
import { ASKING_WECHAT, documented } from "./route.ts";

const TagView = z
  .object({ id: z.int(), name: z.string(), count: z.int().describe("How many followers have it.") })
  .meta({ id: "Tag" });

export function createTagsHandler(tagsOf: (account: string) => Pick<Tags, "list">, accounts: Accounts) {
  return documented(
    {
      id: "listTags",
      summary: "Lists the account's tags, 100 at most, on one page.",
      tag: "Accounts",
      answers: { 200: pageOf(TagView) },
      fails: ASKING_WECHAT,
    },
    async (c) => {
      readQuery(c, NoQuery);
      const items = valueIn(await tagsOf(accountIn(c, accounts).id).list());
      return c.json({ items, nextCursor: null });
    },
  );
}
