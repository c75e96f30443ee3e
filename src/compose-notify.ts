import { createAnnounce } from "../workers/announce.ts";
import { createNotify } from "../workers/notify.ts";
import type { NotifyFault } from "./campaign/notification.ts";
import type { Clock } from "./clock.ts";
import type { Config } from "./config.ts";
import { guardFault } from "./fetch/guard.ts";
import { openPost } from "./fetch/post.ts";
import type { Resolve } from "./fetch/public-address.ts";
import { createSign } from "./fetch/sign.ts";
import type { Logger } from "./log.ts";
import type { Opened } from "./opening.ts";
import type { Queues } from "./queues/queues.ts";
import type { Campaigns } from "./store/campaigns.ts";
import { createFeed } from "./store/feed.ts";
import type { Keys } from "./store/keys.ts";
import { createNotifications } from "./store/notifications.ts";
import type { RedisClient } from "./store/script.ts";

type Settings = Pick<Config, "webhookSecrets" | "allowPrivateUrls">;

/** What can be said of a notifyUrl when a campaign is taken in. */
export function createNotifyFault({ webhookSecrets, allowPrivateUrls }: Settings): NotifyFault {
  return (url) => {
    if (webhookSecrets.length === 0) return "nothing signs the report: QUNFA_WEBHOOK_SECRET is not set";
    return guardFault(new URL(url), allowPrivateUrls);
  };
}

/** What server and worker share: the messages that are due, the feed, and who tells of both. */
export function createTelling(of: {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly queues: Pick<Queues, "restoreNotification">;
  readonly clock: Clock;
}) {
  const { redis, keys, queues, clock } = of;
  const feed = createFeed(redis, keys);
  const notifications = createNotifications(redis, keys);
  return { feed, notifications, announce: createAnnounce({ queues, feed, clock }) };
}

/** The step of a message's job. */
export function openNotify(
  ledger: {
    readonly notifications: ReturnType<typeof createNotifications>;
    readonly campaigns: Campaigns;
    readonly clock: Clock;
    readonly log: Logger;
  },
  of: Settings & Pick<Parameters<typeof createNotify>[0], "onEnd"> & { readonly resolve: Resolve },
  opened: Opened,
) {
  const { webhookSecrets, allowPrivateUrls, resolve, onEnd } = of;
  const post = openPost({ allowPrivate: allowPrivateUrls, resolve });
  opened.push(post.close);
  const sign = webhookSecrets.length > 0 ? createSign(webhookSecrets) : undefined;
  return createNotify({ ...ledger, postUrl: post.postUrl, sign, random: Math.random, onEnd });
}
