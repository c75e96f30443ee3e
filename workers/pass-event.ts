import { openIdIn } from "../src/campaign/openid.ts";
import type { Clock } from "../src/clock.ts";
import type { Logger } from "../src/log.ts";
import type { Queues } from "../src/queues/queues.ts";
import type { SeenEvents } from "../src/store/seen-events.ts";
import type { FollowEvent, Unfollowed } from "../src/store/unfollowed.ts";
import type { Message, PersonEvent } from "../src/wechat/events.ts";

type Parts = {
  readonly unfollowed: Pick<Unfollowed, "note">;
  readonly seenEvents: SeenEvents;
  readonly queues: Pick<Queues, "addEvent">;
  readonly clock: Clock;
  readonly log: Logger;
};

/** By so much WeChat's clock may be ahead of ours. */
const CLOCKS_MS = 10 * 60_000;

/** Events that come only of what a follower did (WECHAT.md section 6.4), in small letters. */
const OF_FOLLOWERS =
  /^(scan|location|click|view|view_miniprogram|scancode_(push|waitmsg)|pic_(sysphoto|photo_or_album|weixin)|location_select)$/;

/**
 * What people do is remembered, as far as it tells who has unfollowed, and put on the queue `events` for other
 * services. A plain message goes on no queue: it wants an answer within 5 s, which only `forwardTo` can give.
 * Resolves once both are stored. Should Redis go away in between, WeChat sends the event again, and each
 * part is done at most once.
 */
export function createPassEvent({ unfollowed, seenEvents, queues, clock, log }: Parts) {
  return async (account: string, event: PersonEvent | Message): Promise<void> => {
    await noteFollow(account, event);
    if (event.kind === "event") await enqueue(account, event);
  };

  async function noteFollow(account: string, event: PersonEvent | Message): Promise<void> {
    const openid = openIdIn(event.openid);
    const told = followEventOf(event);
    if (openid === undefined || told === undefined) return;
    const { createdAt = clock.now() } = event;
    // No event is of the future: one that says so would count more than all that come until then.
    const at = createdAt <= clock.now() + CLOCKS_MS ? createdAt : clock.now();
    await unfollowed.note(account, openid, told, at);
  }

  async function enqueue(account: string, event: PersonEvent): Promise<void> {
    const { kind: _, type, openid, createdAt, id, ...more } = event;
    if (openid === undefined || createdAt === undefined) {
      log.warn({ account, type }, "An event without sender or time was not put on the queue");
      return;
    }
    if (await seenEvents.has(account, id)) return;
    const at = new Date(createdAt).toISOString();
    await queues.addEvent({ account, type, openid, ...more, createdAt: at, id });
    await seenEvents.note(account, id);
  }
}

export type PassEvent = ReturnType<typeof createPassEvent>;

function followEventOf({ kind, type }: PersonEvent | Message): FollowEvent | undefined {
  if (kind === "message") return "seen";
  const name = type.toLowerCase();
  if (name === "unsubscribe" || name === "subscribe") return name;
  return OF_FOLLOWERS.test(name) ? "seen" : undefined;
}
