import { createHash } from "node:crypto";
import { createdAtOf, type Push } from "./push.ts";

/**
 * An event that is no result of a mass send: what a person did, or WeChat says of another kind of message
 * (WECHAT.md section 6.4). Times in milliseconds.
 */
export type PersonEvent = {
  readonly kind: "event";
  /** The event's name as WeChat writes it, "subscribe", "CLICK" … */
  readonly type: string;
  readonly openid?: string;
  /** EventKey as it came: a menu's key, address or page, or the scene of a QR code. */
  readonly key?: string;
  /** The scene of the QR code that was scanned, by a new follower or one who follows already. */
  readonly scene?: string;
  readonly ticket?: string;
  readonly createdAt?: number;
  /** The same over WeChat's repeats of this event, and no other's; nobody can be read from it. */
  readonly id: string;
};

const SCENE_PREFIX = "qrscene_";

export function personEvent(push: Push, type: string): PersonEvent {
  const { FromUserName: openid, EventKey: key, Ticket: ticket } = push;
  const scene = sceneOf(type, key);
  return {
    kind: "event",
    type,
    ...(openid !== undefined && { openid }),
    ...(key !== undefined && { key }),
    ...(scene !== undefined && { scene }),
    ...(ticket !== undefined && { ticket }),
    ...createdAtOf(push),
    id: idOf(push, type),
  };
}

function sceneOf(type: string, key: string | undefined): string | undefined {
  const name = type.toLowerCase();
  if (name === "scan") return key;
  const told = name === "subscribe" && key?.startsWith(SCENE_PREFIX) && key.slice(SCENE_PREFIX.length);
  return told || undefined;
}

/**
 * Repeats of one event agree in sender, time and name (WECHAT.md section 6.2), and in the MsgID of those that
 * have one. The key is added, so that two menu entries tapped within a second are two events.
 */
function idOf({ FromUserName, CreateTime, EventKey, MsgID, MsgId }: Push, type: string): string {
  const same = [type, FromUserName ?? "", CreateTime ?? "", EventKey ?? "", MsgID ?? MsgId ?? ""];
  return createHash("sha256").update(JSON.stringify(same)).digest("base64url").slice(0, 27);
}
