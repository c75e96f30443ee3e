import { z } from "zod";
import type { Call, Room } from "./call.ts";
import { looksLikeOpenid } from "./followers.ts";
import { type Reply, refuse } from "./refusal.ts";
import type { AccountWorld } from "./world.ts";

const pageSize = 10_000;
const mostUsers = 100;
const remarkBytes = 30;
const subscribedSince = Date.UTC(2024, 0, 1) / 1000;

const UserList = z.looseObject({ user_list: z.array(z.looseObject({ openid: z.string() })).min(1) });

/** `user/get`: the OpenIDs of all followers, 10,000 a page (WECHAT.md section 7). */
export function listFollowers({ followers }: AccountWorld, { query }: Call): Reply {
  const page = followers.page(query.next_openid ?? "", pageSize);
  if (page === undefined) return refuse(40003);
  const total = followers.openids.length;
  // An empty page has no data at all, and the last full one still names a next OpenID.
  if (page.length === 0) return { total, count: 0, next_openid: "" };
  return { total, count: page.length, data: { openid: page }, next_openid: page.at(-1) };
}

/** The followers (WECHAT.md section 7). Of one who does not follow WeChat says only that. */
export const userCalls = {
  "user/get": listFollowers,

  "user/info": (world, { query }) => {
    const { openid } = query;
    if (!openid) return refuse(41009);
    return looksLikeOpenid(openid) ? describe(world, openid) : refuse(40003);
  },

  "user/info/batchget": (world, { body }) => {
    if (!body.ok) return refuse(body.errcode);
    const { data } = UserList.safeParse(body.value);
    if (data === undefined) return refuse(47003);
    if (data.user_list.length > mostUsers) return refuse(40032);
    if (!data.user_list.every(({ openid }) => looksLikeOpenid(openid))) return refuse(40003);
    return { user_info_list: data.user_list.map(({ openid }) => describe(world, openid)) };
  },

  "user/info/updateremark": ({ followers, remarks }, { body }) => {
    if (!body.ok) return refuse(body.errcode);
    const { openid, remark } = body.value;
    if (openid === undefined) return refuse(41009);
    if (typeof openid !== "string" || !looksLikeOpenid(openid)) return refuse(40003);
    if (typeof remark !== "string" || Buffer.byteLength(remark) >= remarkBytes) return refuse(40092);
    if (followers.indexOf(openid) === undefined) return refuse(46004);
    remarks.set(openid, remark);
    return refuse(0);
  },
} satisfies Room;

/** Without name, picture, sex and city, which WeChat tells nobody since the end of 2021. */
function describe({ followers, tags, remarks }: AccountWorld, openid: string) {
  const index = followers.indexOf(openid);
  if (index === undefined) return { subscribe: 0, openid };
  const tagIds = tags.of(openid);
  return {
    subscribe: 1,
    openid,
    language: "zh_CN",
    subscribe_time: subscribedSince + index,
    remark: remarks.get(openid) ?? "",
    groupid: tagIds[0] ?? 0,
    tagid_list: tagIds,
    subscribe_scene: "ADD_SCENE_QR_CODE",
    qr_scene: 0,
    qr_scene_str: "",
  };
}
