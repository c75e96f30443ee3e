import type { Call, Room } from "./call.ts";
import { type Reply, refuse } from "./refusal.ts";
import { readOpenids } from "./tag-calls.ts";
import type { AccountWorld } from "./world.ts";

const mostOpenids = 20;
// An older sample says 10,000.
const pageSize = 1000;

/** Followers who get nothing any more (WECHAT.md section 7). */
export const blacklistCalls = {
  "tags/members/getblacklist": ({ followers }, { body }) => {
    if (!body.ok) return refuse(body.errcode);
    const all = [...followers.blacklist];
    const { begin_openid: last } = body.value;
    const from = last === undefined || last === "" ? 0 : all.indexOf(String(last)) + 1;
    if (last && from === 0) return refuse(40003);
    const page = all.slice(from, from + pageSize);
    if (page.length === 0) return { total: all.length, count: 0, next_openid: "" };
    return { total: all.length, count: page.length, data: { openid: page }, next_openid: page.at(-1) };
  },

  "tags/members/batchblacklist": change((blacklist, openid) => blacklist.add(openid)),
  "tags/members/batchunblacklist": change((blacklist, openid) => blacklist.delete(openid)),
} satisfies Room;

function change(act: (blacklist: Set<string>, openid: string) => unknown) {
  return ({ followers, followsAnother }: AccountWorld, { body }: Call): Reply => {
    if (!body.ok) return refuse(body.errcode);
    const openids = readOpenids(body.value.openid_list, mostOpenids);
    if (typeof openids === "number") return refuse(openids);
    if (openids.some(followsAnother)) return refuse(49003);
    if (openids.some((openid) => followers.indexOf(openid) === undefined)) return refuse(40003);
    for (const openid of openids) act(followers.blacklist, openid);
    return refuse(0);
  };
}
