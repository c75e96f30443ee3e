import { createHash, randomInt } from "node:crypto";
import { createEnvelope } from "../wechat/envelope.ts";
import { sign } from "../wechat/signature.ts";
import { cdata, massResultNodes, xml } from "./callback-xml.ts";
import type { Course } from "./course.ts";
import type { Job } from "./job.ts";
import type { Account, Settings } from "./settings.ts";

export type CallbackRequest = { url: string; body: string };

/** How an account's callbacks are dressed. One without an EncodingAESKey has no choice. */
export function callbackMode(account: Account, wanted: Settings["callbackMode"]) {
  if (account.encodingAESKey === undefined) return "plain";
  return wanted === "auto" ? "safe" : wanted;
}

type Sender = {
  account: Account;
  mode: Settings["callbackMode"];
  base: string;
  /** In whose name it comes. */
  follower: string;
  now: number;
};

/** The one request that tells a job's end; what is repeated is this, byte for byte. */
export function massResultRequest({ job, course, ...sender }: Sender & { job: Job; course: Course }) {
  return callbackRequest(sender, massResultNodes({ job, course }));
}

/** A push of these nodes, behind those that every event has, signed and sealed as the account wants it. */
export function callbackRequest(sender: Sender, eventNodes: readonly string[]): CallbackRequest {
  const { account, base, follower, now } = sender;
  const seconds = Math.floor(now / 1000);
  const to = originalId(account.appid);
  const nodes = [
    `<ToUserName>${cdata(to)}</ToUserName>`,
    `<FromUserName>${cdata(follower)}</FromUserName>`,
    `<CreateTime>${seconds}</CreateTime>`,
    `<MsgType>${cdata("event")}</MsgType>`,
    ...eventNodes,
  ].join("\n");
  const [timestamp, nonce] = [String(seconds), String(randomInt(100_000_000, 2_000_000_000))];
  const query = new URLSearchParams({
    signature: sign(account.token, timestamp, nonce),
    timestamp,
    nonce,
    openid: follower,
  });
  const url = `${base.replace(/\/+$/, "")}/wechat/${account.id}/callback`;

  const mode = callbackMode(account, sender.mode);
  if (mode === "plain" || account.encodingAESKey === undefined) {
    return { url: `${url}?${query}`, body: xml(nodes) };
  }
  const cipher = createEnvelope({ ...account, encodingAESKey: account.encodingAESKey }).seal(xml(nodes));
  query.set("encrypt_type", "aes");
  query.set("msg_signature", sign(account.token, timestamp, nonce, cipher));
  const open = mode === "compatible" ? nodes : `<ToUserName>${cdata(to)}</ToUserName>`;
  return { url: `${url}?${query}`, body: xml(open, `<Encrypt>${cdata(cipher)}</Encrypt>`) };
}

/** The account's own name in messages, `gh_` and 12 hex digits. */
function originalId(appid: string): string {
  return `gh_${createHash("sha256").update(appid).digest("hex").slice(0, 12)}`;
}
