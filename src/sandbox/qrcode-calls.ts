import { randomBytes } from "node:crypto";
import { isObject } from "./body.ts";
import type { Room } from "./call.ts";
import { refuse } from "./refusal.ts";

const longestSeconds = 2_592_000;
const shortestSeconds = 60;
const mostPermanent = 100_000;

type Action = { permanent: boolean; by: "scene_id" | "scene_str" };
const actions: Readonly<Record<string, Action>> = {
  QR_SCENE: { permanent: false, by: "scene_id" },
  QR_STR_SCENE: { permanent: false, by: "scene_str" },
  QR_LIMIT_SCENE: { permanent: true, by: "scene_id" },
  QR_LIMIT_STR_SCENE: { permanent: true, by: "scene_str" },
};

/** Parametric QR codes (WECHAT.md section 9), for service accounts. */
export const qrcodeCalls = {
  "qrcode/create": ({ account, tickets }, { body }) => {
    if (account.kind !== "service") return refuse(48001);
    if (!body.ok) return refuse(body.errcode);
    const { action_name: name, action_info: info, expire_seconds: seconds = shortestSeconds } = body.value;
    const action = typeof name === "string" && Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (action === undefined) return refuse(40052);
    const scene = isObject(info) && isObject(info.scene) ? info.scene[action.by] : undefined;
    if (!isScene(scene, action)) return refuse(40053);
    const url = `http://weixin.qq.com/q/${randomBytes(16).toString("base64url")}`;
    if (action.permanent) {
      if (tickets.permanent() >= mostPermanent) return refuse(45029);
      return { ticket: tickets.add(String(scene), null), url };
    }
    if (!isWhole(seconds, 1, longestSeconds)) return refuse(40053);
    return { ticket: tickets.add(String(scene), seconds), expire_seconds: seconds, url };
  },
} satisfies Room;

function isScene(scene: unknown, { permanent, by }: Action): boolean {
  if (by === "scene_id") return isWhole(scene, 1, permanent ? 100_000 : 0xffff_ffff);
  return typeof scene === "string" && scene.length >= 1 && scene.length <= 64;
}

function isWhole(value: unknown, from: number, to: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= from && value <= to;
}
