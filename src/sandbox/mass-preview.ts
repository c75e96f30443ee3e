import type { Call, Handle } from "./call.ts";
import { looksLikeOpenid } from "./followers.ts";
import { beginningOf, checkContent, readMessage } from "./message.ts";
import { refuse } from "./refusal.ts";
import type { AccountWorld } from "./world.ts";

/**
 * `mass/preview` (WECHAT.md section 2.4): one follower sees the message at once, and nobody else hears of it.
 * A WeChat id is taken for a follower's unless it begins with `stranger`.
 */
export const preview: Handle = (world: AccountWorld, { body }: Call) => {
  if (!body.ok) return refuse(body.errcode);
  const request = body.value;
  const message = readMessage(request, { unknown: 40008, pictures: "one" });
  if (typeof message === "number") return refuse(message);
  const wrong = checkReceiver(world, request) ?? checkContent(message, world.media);
  if (wrong !== undefined) return refuse(wrong);
  const { towxname, touser } = request;
  world.books.addPreview({
    at: world.clock.now(),
    to: String(towxname ?? touser),
    msgtype: message.msgtype,
    text: beginningOf(message),
  });
  return { errcode: 0, errmsg: "preview success" };
};

/** Given both, the WeChat id decides. */
function checkReceiver(
  { followers }: AccountWorld,
  { towxname, touser }: Readonly<Record<string, unknown>>,
): number | undefined {
  if (towxname !== undefined) {
    if (typeof towxname !== "string" || !/^[A-Za-z][A-Za-z0-9_-]{5,19}$/.test(towxname)) return 40132;
    return towxname.startsWith("stranger") ? 43004 : undefined;
  }
  if (touser === undefined) return 41009;
  if (typeof touser !== "string" || !looksLikeOpenid(touser)) return 40003;
  if (followers.indexOf(touser) === undefined) return 43004;
  return followers.blacklist.has(touser) ? 43019 : undefined;
}
