import type { ServerResponse } from "node:http";
import { json } from "./strict-answer.ts";
import { readJson } from "./strict-rules.ts";
import type { Desk, Refusal } from "./strict-wechat.ts";

/** How user/get is answered: as it should be, with an error, as a path that is not there, or never. */
export type FollowersAnswer = "ok" | "not-found" | "never" | Refusal;

const PAGE = 10_000;

/** The followers of an account, by number. None of these people is in any story's list. */
export function follower(index: number): string {
  return `oStoryFan_${String(index).padStart(18, "0")}`;
}

/** Who has a tag, or, for undefined, follows at all. */
export function membersOf(desk: Desk) {
  return (tagId: number | undefined): readonly string[] | undefined =>
    tagId === undefined
      ? Array.from({ length: desk.followers }, (_, index) => follower(index))
      : desk.tags[tagId];
}

/** Who follows an account, and how WeChat answers who asks for them. */
export function createPeople() {
  return {
    /** How many people follow the account, and how WeChat answers who asks for them. */
    followers: 30_000,
    followersAnswer: "ok" as FollowersAnswer,
    /** How the next calls are answered, before that. */
    followerScript: [] as FollowersAnswer[],
    /** Where each page that was asked for starts. */
    followerPages: [] as string[],
    /** Who has a tag, by its number. */
    tags: {} as Record<number, readonly string[]>,
    /** What tags are called. */
    tagNames: {} as Record<string, number>,
    /** How reading a tag's members is answered, call by call. */
    tagScript: [] as FollowersAnswer[],
    tagCalls: 0,
    /** Who does not follow, and what is no OpenID of this account. */
    strangers: new Set<string>(),
    foreign: new Set<string>(),
    describeCalls: 0,
  };
}

type Asked = { readonly url: URL; readonly method: string | undefined; readonly raw: Buffer };

/** Answers the calls about people; false for any other. */
export function answerPeople(desk: Desk, { url, method, raw }: Asked, response: ServerResponse): boolean {
  const body = () => readJson(method, raw, (rule) => desk.violations.push(rule));
  switch (url.pathname) {
    case "/cgi-bin/user/get":
      if (method !== "GET") desk.violations.push(`43001: ${method} where GET is asked for`);
      answerFollowers(desk, url.searchParams.get("next_openid") ?? "", response);
      return true;
    case "/cgi-bin/user/tag/get":
      answerTag(desk, body(), response);
      return true;
    case "/cgi-bin/tags/get":
      if (method !== "GET") desk.violations.push(`43001: ${method} where GET is asked for`);
      json(response, { tags: Object.entries(desk.tagNames).map(([name, id]) => ({ id, name, count: 1 })) });
      return true;
    case "/cgi-bin/user/info/batchget":
      answerDescribe(desk, body(), response);
      return true;
    default:
      return false;
  }
}

/**
 * `GET user/get`: `total` of all followers and a page of 10,000 OpenIDs at most; a `next_openid` even behind the
 * last (WECHAT.md section 7). The token has been checked.
 */
function answerFollowers(desk: Desk, next: string, response: ServerResponse): void {
  desk.followerPages.push(next);
  if (refused(desk.followerScript.shift() ?? desk.followersAnswer, response)) return;
  const total = desk.followers;
  json(response, { total, ...pageBehind(membersOf(desk)(undefined) ?? [], next) });
}

/** `POST user/tag/get`, page by page like user/get. */
function answerTag(desk: Desk, body: Record<string, unknown>, response: ServerResponse): void {
  desk.tagCalls += 1;
  if (refused(desk.tagScript.shift() ?? "ok", response)) return;
  const { tagid, next_openid: next, ...others } = body;
  if (typeof tagid !== "number" || typeof next !== "string")
    desk.violations.push("47001: tagid or next_openid");
  if (Object.keys(others).length > 0) desk.violations.push(`${Object.keys(others).join()} in user/tag/get`);
  const members = desk.tags[Number(tagid)];
  json(response, members ? pageBehind(members, String(next)) : { errcode: 45159, errmsg: "invalid tag" });
}

/** `POST user/info/batchget` of at most 100 people (section 7); one that is none of the account refuses all. */
function answerDescribe(desk: Desk, body: Record<string, unknown>, response: ServerResponse): void {
  desk.describeCalls += 1;
  const list = Array.isArray(body.user_list) ? (body.user_list as { openid: string }[]) : [];
  if (list.length < 1 || list.length > 100)
    desk.violations.push(`${list.length} people in user/info/batchget`);
  if (list.some(({ openid }) => desk.foreign.has(openid))) {
    json(response, { errcode: 40003, errmsg: "invalid openid rid: 64f1a2b3-0c11-22dd" });
    return;
  }
  const of = ({ openid }: { openid: string }) => ({ subscribe: desk.strangers.has(openid) ? 0 : 1, openid });
  json(response, { user_info_list: list.map(of) });
}

function pageBehind(people: readonly string[], next: string) {
  const start = next === "" ? 0 : people.indexOf(next) + 1;
  const openids = people.slice(start, start + PAGE);
  const data = openids.length === 0 ? {} : { data: { openid: openids } };
  return { count: openids.length, ...data, next_openid: openids.at(-1) ?? "" };
}

/** Whether the call was answered otherwise, or never. */
function refused(how: FollowersAnswer, response: ServerResponse): boolean {
  if (how === "ok") return false;
  if (how === "not-found") {
    response.writeHead(404, { "content-type": "text/html" });
    response.end("<html><body>404 Not Found</body></html>");
  } else if (typeof how === "object") json(response, { errmsg: "refused rid: 64f1a2b3-0c11-22dd", ...how });
  return true;
}
