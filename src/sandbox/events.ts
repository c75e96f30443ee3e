import type { Clock } from "../clock.ts";
import { callbackRequest } from "./callback-request.ts";
import { type EventRequest, eventNodes } from "./event.ts";
import { followerOpenid } from "./followers.ts";
import { createPush } from "./push.ts";
import type { Schedule } from "./schedule.ts";
import type { Settings } from "./settings.ts";
import type { AccountWorld } from "./world.ts";

export type Events = ReturnType<typeof createEvents>;

/** Lets followers do something, and tells the account's server about it. */
export function createEvents(options: {
  settings: Settings;
  callbackBase: () => string;
  clock: Clock;
  schedule: Schedule;
}) {
  const { settings, callbackBase, clock, schedule } = options;
  const push = createPush(options);

  /** Following and unfollowing are facts before they are news. */
  const takeEffect = ({ followers, tags }: AccountWorld, { event }: EventRequest, openid: string) => {
    if (event === "subscribe") followers.follow(openid);
    if (event !== "unsubscribe") return;
    followers.unfollow(openid);
    tags.forget(openid);
  };

  return {
    /** The answers that the push got, one an attempt. */
    async happen(world: AccountWorld, request: EventRequest): Promise<string[]> {
      const { account } = world;
      const openid = request.openid ?? followerOpenid(account.id, 0);
      takeEffect(world, request, openid);
      const sender = {
        account,
        mode: settings.callbackMode,
        base: callbackBase(),
        follower: openid,
        now: clock.now(),
      };
      const answers: string[] = [];
      await push(callbackRequest(sender, eventNodes(request)), ({ answer }) => answers.push(answer));
      schedule.signal.throwIfAborted();
      return answers;
    },
  };
}
