import { z } from "zod";
import type { Call } from "./call.ts";
import { looksLikeOpenid } from "./followers.ts";
import { dailyCalls } from "./quotas.ts";
import { type Reply, refuse } from "./refusal.ts";
import type { AccountWorld } from "./world.ts";

const pageSize = 10_000;
const mostUsers = 100;
const subscribedSince = Date.UTC(2024, 0, 1) / 1000;

const UserList = z.looseObject({ user_list: z.array(z.looseObject({ openid: z.string() })).min(1) });

/** `user/get`: the OpenIDs of all followers, 10,000 a page (WECHAT.md section 7). */
export function listFollowers({ followers, quotas }: AccountWorld, { query }: Call): Reply {
  if (quotas.day.add("user/get") > dailyCalls["user/get"]) return refuse(45009);
  const { next_openid: last = "" } = query;
  const before = last === "" ? -1 : followers.indexOf(last);
  if (before === undefined) return refuse(40003);
  const page = followers.openids.slice(before + 1, before + 1 + pageSize);
  const total = followers.openids.length;
  // An empty page has no data at all, and the last full one still names a next OpenID.
  if (page.length === 0) return { total, count: 0, next_openid: "" };
  return { total, count: page.length, data: { openid: page }, next_openid: page.at(-1) };
}

/** `user/info/batchget`: up to 100 people; of one who does not follow, only that. */
export function describeUsers({ followers, quotas }: AccountWorld, { body }: Call): Reply {
  if (quotas.day.add("user/info/batchget") > dailyCalls["user/info/batchget"]) return refuse(45009);
  if (!body.ok) return refuse(body.errcode);
  const { data } = UserList.safeParse(body.value);
  if (data === undefined) return refuse(47003);
  if (data.user_list.length > mostUsers) return refuse(40032);
  if (!data.user_list.every(({ openid }) => looksLikeOpenid(openid))) return refuse(40003);
  return {
    user_info_list: data.user_list.map(({ openid }) => {
      const index = followers.indexOf(openid);
      return index === undefined ? { subscribe: 0, openid } : describeFollower(openid, index);
    }),
  };
}

/** Without name, picture, sex and city, which WeChat tells nobody since the end of 2021. */
function describeFollower(openid: string, index: number) {
  return {
    subscribe: 1,
    openid,
    language: "zh_CN",
    subscribe_time: subscribedSince + index,
    remark: "",
    groupid: 0,
    tagid_list: [],
    subscribe_scene: "ADD_SCENE_QR_CODE",
    qr_scene: 0,
    qr_scene_str: "",
  };
}
