import { isObject } from "./body.ts";
import type { Room } from "./call.ts";
import { looksLikeOpenid } from "./followers.ts";
import { type Reply, refuse } from "./refusal.ts";
import type { AccountWorld } from "./world.ts";

const mostTags = 100;
const nameCharacters = 30;
const mostFansToDelete = 100_000;
const mostOpenids = 50;
const mostTagsOfOne = 20;
const pageSize = 10_000;

/** Tags, and who has them (WECHAT.md sections 4.4 and 7). */
export const tagCalls = {
  "tags/create": ({ tags }, { body }) => {
    if (!body.ok) return refuse(body.errcode);
    const { tag } = body.value;
    const name = isObject(tag) ? tag.name : undefined;
    const wrong = checkName({ tags }, name);
    if (wrong !== undefined) return refuse(wrong);
    if (tags.list().filter(({ id }) => !isSystems(id)).length >= mostTags) return refuse(45056);
    const { id } = tags.create(String(name));
    return { tag: { id, name } };
  },

  "tags/get": ({ tags }) => ({
    tags: tags.list().map(({ id, name, members }) => ({ id, name, count: members.size })),
  }),

  "tags/update": ({ tags }, { body }) => {
    if (!body.ok) return refuse(body.errcode);
    const { tag: given } = body.value;
    const tag = findOwn({ tags }, given);
    if (typeof tag === "number") return refuse(tag);
    const name = isObject(given) ? given.name : undefined;
    const wrong = name === tag.name ? undefined : checkName({ tags }, name);
    if (wrong !== undefined) return refuse(wrong);
    tag.name = String(name);
    return refuse(0);
  },

  "tags/delete": ({ tags }, { body }) => {
    if (!body.ok) return refuse(body.errcode);
    const tag = findOwn({ tags }, body.value.tag);
    if (typeof tag === "number") return refuse(tag);
    if (tag.members.size > mostFansToDelete) return refuse(45057);
    tags.delete(tag.id);
    return refuse(0);
  },

  "user/tag/get": ({ tags }, { body, query }) => {
    const given = body.ok ? body.value : query;
    const tag = tags.find(Number(given.tagid));
    if (tag === undefined) return refuse(45159);
    const all = [...tag.members.keys()];
    const last = given.next_openid;
    const from = last === undefined || last === "" ? 0 : all.indexOf(String(last)) + 1;
    if (last && from === 0) return refuse(40003);
    const page = all.slice(from, from + pageSize);
    if (page.length === 0) return { count: 0, next_openid: "" };
    return { count: page.length, data: { openid: page }, next_openid: page.at(-1) };
  },

  "tags/getidlist": ({ tags, followers }, { body }) => {
    if (!body.ok) return refuse(body.errcode);
    const { openid } = body.value;
    if (openid === undefined) return refuse(41009);
    if (typeof openid !== "string" || !looksLikeOpenid(openid)) return refuse(40003);
    return followers.indexOf(openid) === undefined ? refuse(46004) : { tagid_list: tags.of(openid) };
  },

  "tags/members/batchtagging": (world, { body }) => {
    if (!body.ok) return refuse(body.errcode);
    const { tags } = world;
    return change(world, body.value, (tag, openid) => {
      const of = tags.of(openid);
      if (of.length >= mostTagsOfOne && !of.includes(tag.id)) return 45059;
      return () => tags.add(tag, openid);
    });
  },

  "tags/members/batchuntagging": (world, { body }) => {
    if (!body.ok) return refuse(body.errcode);
    return change(world, body.value, (tag, openid) => () => tag.members.delete(openid));
  },
} satisfies Room;

type Tag = NonNullable<ReturnType<AccountWorld["tags"]["find"]>>;

/** Those who do not follow are left out and named; the rest are changed all the same (45171). */
function change(
  world: AccountWorld,
  { openid_list: list, tagid }: Readonly<Record<string, unknown>>,
  plan: (tag: Tag, openid: string) => number | (() => unknown),
): Reply {
  const tag = world.tags.find(Number(tagid));
  if (tag === undefined) return refuse(45159);
  const openids = readOpenids(list, mostOpenids);
  if (typeof openids === "number") return refuse(openids);
  if (openids.some(world.followsAnother)) return refuse(49003);
  const failed = openids.filter((openid) => world.followers.indexOf(openid) === undefined);
  const planned = openids.filter((openid) => !failed.includes(openid)).map((openid) => plan(tag, openid));
  const wrong = planned.find((step) => typeof step === "number");
  if (wrong !== undefined) return refuse(Number(wrong));
  for (const step of planned) if (typeof step === "function") step();
  return failed.length === 0 ? refuse(0) : refuse(45171, { fail_openid_list: failed });
}

/** A list of OpenIDs as posted, or the code to refuse it with. */
export function readOpenids(list: unknown, most: number): string[] | number {
  if (!Array.isArray(list) || !list.every((entry) => typeof entry === "string")) return 40031;
  if (list.length === 0 || list.length > most) return 40032;
  return list.every(looksLikeOpenid) ? list : 40003;
}

function findOwn({ tags }: Pick<AccountWorld, "tags">, given: unknown): Tag | number {
  const id = isObject(given) ? Number(given.id) : Number.NaN;
  return isSystems(id) ? 45058 : (tags.find(id) ?? 45159);
}

/** 0, 1 and 2 belong to WeChat. */
function isSystems(id: number): boolean {
  return [0, 1, 2].includes(id);
}

function checkName({ tags }: Pick<AccountWorld, "tags">, name: unknown): number | undefined {
  if (typeof name !== "string" || name.trim() === "") return 45157;
  if ([...name].length > nameCharacters) return 45158;
  return tags.named(name) === undefined ? undefined : 45157;
}
