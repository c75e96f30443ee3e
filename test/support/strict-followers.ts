import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "./strict-answer.ts";
import type { Desk, Refusal } from "./strict-wechat.ts";

/** How user/get is answered: as it should be, with an error, as a path that is not there, or never. */
export type FollowersAnswer = "ok" | "not-found" | "never" | Refusal;

const PAGE = 10_000;

/**
 * `GET user/get`, the first page: `total` of all followers and 10,000 OpenIDs at most; a `next_openid` even
 * behind the last (WECHAT.md section 7). The token has been checked. None of these people is in any story.
 */
export function answerFollowers(desk: Desk, request: IncomingMessage, response: ServerResponse): void {
  if (request.method !== "GET") desk.violations.push(`43001: ${request.method} where GET is asked for`);
  desk.followerCalls += 1;
  const how = desk.followersAnswer;
  if (how === "never") return;
  if (how === "not-found") {
    response.writeHead(404, { "content-type": "text/html" });
    response.end("<html><body>404 Not Found</body></html>");
    return;
  }
  if (typeof how === "object") {
    json(response, { errmsg: "refused rid: 64f1a2b3-0c11-22dd", ...how });
    return;
  }
  const total = desk.followers;
  const openids = Array.from(
    { length: Math.min(total, PAGE) },
    (_, index) => `oStoryFan_${String(index).padStart(18, "0")}`,
  );
  const page = openids.length === 0 ? {} : { data: { openid: openids } };
  json(response, { total, count: openids.length, ...page, next_openid: openids.at(-1) ?? "" });
}
