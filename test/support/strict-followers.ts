import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "./strict-answer.ts";
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

/**
 * `GET user/get`: `total` of all followers and a page of 10,000 OpenIDs at most; a `next_openid` even behind the
 * last (WECHAT.md section 7). The token has been checked.
 */
export function answerFollowers(
  desk: Desk,
  request: IncomingMessage,
  response: ServerResponse,
  next: string,
): void {
  if (request.method !== "GET") desk.violations.push(`43001: ${request.method} where GET is asked for`);
  desk.followerCalls += 1;
  if (refused(desk.followersAnswer, response)) return;
  const total = desk.followers;
  json(response, { total, ...pageBehind(membersOf(desk)(undefined) ?? [], next) });
}

/** `POST user/tag/get`, page by page like user/get. */
export function answerTag(desk: Desk, body: Record<string, unknown>, response: ServerResponse): void {
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
export function answerDescribe(desk: Desk, body: Record<string, unknown>, response: ServerResponse): void {
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
