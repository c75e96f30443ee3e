import { z } from "zod";
import { createApi } from "./api.ts";
import type { ApiReply } from "./api-reply.ts";
import type { Call } from "./client.ts";
import type { Tokens } from "./with-token.ts";

/** Some of the followers, 10,000 at most. `next` is where the next page starts; undefined: there is none. */
export type FollowerPage = { readonly openids: readonly string[]; readonly next: string | undefined };

/**
 * With a count of 0 WeChat leaves `data` out. A full last page has a next_openid all the same, and the page
 * after it has a count of 0 (WECHAT.md section 7).
 */
const PageAnswer = z
  .object({
    total: z.int().nonnegative().optional(),
    count: z.int().nonnegative(),
    data: z.object({ openid: z.array(z.string()) }).optional(),
    next_openid: z.string().nullish(),
  })
  .refine(({ count, data }) => count === 0 || data !== undefined, { path: ["data"] })
  .transform(({ total, count, data, next_openid: next }) => ({
    page: { openids: data?.openid ?? [], next: count > 0 && next ? next : undefined },
    total,
  }));

const Page = PageAnswer.transform(({ page }): FollowerPage => page);

const TotalPage = PageAnswer.transform(({ page, total }, context): FollowerPage & { total: number } => {
  if (total !== undefined) return { ...page, total };
  context.addIssue({ code: "custom", path: ["total"], message: "missing" });
  return z.NEVER;
});

const subscribed = z.union([z.literal(0), z.literal(1)]).transform((value) => value === 1);

const People = z
  .object({ user_info_list: z.array(z.object({ openid: z.string(), subscribe: subscribed })) })
  .transform(
    (answer): ReadonlyMap<string, boolean> =>
      new Map(answer.user_info_list.map(({ openid, subscribe }) => [openid, subscribe])),
  );

const Total = z.object({ total: z.int().nonnegative() }).transform(({ total }) => total);

export type Followers = ReturnType<typeof createFollowers>;

/** The followers of one account (WECHAT.md section 7). */
export function createFollowers(parts: { call: Call; token: Tokens }) {
  const { ask } = createApi(parts);
  return {
    /** How many there are: `total` of user/get. Undefined when WeChat does not say. */
    async count(): Promise<number | undefined> {
      const reply = await ask({ path: "/cgi-bin/user/get" }, Total);
      return reply.kind === "done" ? reply.value : undefined;
    },

    /** One page of all, from the start or from `next` of the page before; 500 pages a day. */
    page(next?: string): Promise<ApiReply<FollowerPage & { readonly total: number }>> {
      return ask(
        { path: "/cgi-bin/user/get", ...(next !== undefined && { query: { next_openid: next } }) },
        TotalPage,
      );
    },

    /** One page of those who have a tag. A POST, as tools call it; an old page of WeChat's says GET. */
    tagPage(tagId: number, next = ""): Promise<ApiReply<FollowerPage>> {
      const body = JSON.stringify({ tagid: tagId, next_openid: next });
      return ask({ path: "/cgi-bin/user/tag/get", body }, Page);
    },

    /**
     * Who of at most 100 people follows the account: true or false by OpenID. Of somebody who is missing in
     * the answer WeChat said nothing; an OpenID that is none has all refused (40003).
     */
    describe(openids: readonly string[]): Promise<ApiReply<ReadonlyMap<string, boolean>>> {
      const body = JSON.stringify({ user_list: openids.map((openid) => ({ openid, lang: "zh_CN" })) });
      return ask({ path: "/cgi-bin/user/info/batchget", body }, People);
    },
  };
}
