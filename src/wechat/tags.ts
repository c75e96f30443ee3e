import { z } from "zod";
import { createApi } from "./api.ts";
import type { ApiReply } from "./api-reply.ts";
import type { Call } from "./client.ts";
import { nothing } from "./nothing.ts";
import type { Tokens } from "./with-token.ts";

/** A tag and how many followers have it. */
export type Tag = { readonly id: number; readonly name: string; readonly count: number };

/** Some of the people failed: those of `fail_openid_list`, who may be tried again. */
const SOME_FAILED = 45171;

const Tags = z
  .object({ tags: z.array(z.object({ id: z.int(), name: z.string(), count: z.int() })) })
  .transform(({ tags }): readonly Tag[] => tags);

const Created = z.object({ tag: z.object({ id: z.int() }) }).transform(({ tag }) => tag.id);

const Tagged = z
  .object({ errcode: z.unknown().optional(), fail_openid_list: z.array(z.string()).optional() })
  .refine(({ errcode, fail_openid_list }) => Number(errcode ?? 0) === 0 || fail_openid_list !== undefined, {
    path: ["fail_openid_list"],
  })
  .transform(({ fail_openid_list: failed = [] }) => ({ failed: failed as readonly string[] }));

export type Tagging = { readonly tagId: number; readonly openids: readonly string[] };

export type Tags = ReturnType<typeof createTags>;

/** The tags of one account, 100 at most, 0 to 2 being WeChat's own (WECHAT.md section 7). */
export function createTags(parts: { call: Call; token: Tokens }) {
  const { ask } = createApi(parts);
  const change = (name: string, tag: object) =>
    ask({ path: `/cgi-bin/tags/${name}`, body: JSON.stringify({ tag }) }, nothing);
  const members = (name: string, { tagId, openids }: Tagging) => {
    const body = JSON.stringify({ openid_list: openids, tagid: tagId });
    return ask({ path: `/cgi-bin/tags/members/${name}`, body, readable: [SOME_FAILED] }, Tagged);
  };

  return {
    list(): Promise<ApiReply<readonly Tag[]>> {
      return ask({ path: "/cgi-bin/tags/get" }, Tags);
    },

    /** Answers the new tag's id. A name has 30 characters at most. */
    create(name: string): Promise<ApiReply<number>> {
      return ask({ path: "/cgi-bin/tags/create", body: JSON.stringify({ tag: { name } }) }, Created);
    },

    rename(id: number, name: string): Promise<ApiReply<undefined>> {
      return change("update", { id, name });
    },

    /** WeChat deletes no tag of more than 100,000 followers (45057). */
    delete(id: number): Promise<ApiReply<undefined>> {
      return change("delete", { id });
    },

    /** Gives a tag to at most 50 people; a person can have 20. `failed`: those who did not get it. */
    tag(of: Tagging): Promise<ApiReply<{ readonly failed: readonly string[] }>> {
      return members("batchtagging", of);
    },

    /** Takes a tag from at most 50 people. `failed`: those who still have it. */
    untag(of: Tagging): Promise<ApiReply<{ readonly failed: readonly string[] }>> {
      return members("batchuntagging", of);
    },
  };
}
