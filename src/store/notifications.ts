import { z } from "zod";
import type { Campaign } from "../campaign/campaign.ts";
import type { CampaignId } from "../campaign/campaign-id.ts";
import type { Notification } from "../campaign/notification.ts";
import { Report } from "../campaign/report.ts";
import type { Keys } from "./keys.ts";
import { createScript, type RedisClient } from "./script.ts";

/** The message about one revision of a campaign's report. */
export type MessageAddress = {
  readonly account: string;
  readonly campaign: CampaignId;
  readonly revision: number;
};

/** A message that is to be delivered. Times are milliseconds since the epoch. */
export type DueMessage = {
  readonly report: Report;
  /** When it became due first: when the report was written. */
  readonly since: number;
  readonly attempts: number;
  /** Not before. */
  readonly nextAt: number;
};

export type Attempt = Pick<Notification, "state" | "reason"> & {
  /** What the receiver answered, if it did. */
  readonly status?: number | undefined;
  /** When a pending one is tried again. */
  readonly nextAt?: number | undefined;
};

const ENDS = ["delivered", "failed"] as const;

/** The messages that `lua/settle.lua` says are due, until they are delivered or given up. */
export function createNotifications(redis: RedisClient, keys: Keys) {
  const noteScript = createScript(redis, "note-attempt", z.enum(["noted", "over"]));

  return {
    /** Undefined once it has come to its end. */
    async find(address: MessageAddress): Promise<DueMessage | undefined> {
      const { account, campaign, revision } = address;
      const since = await redis.zscore(keys.dueMessages(account), memberOf(address));
      const [report, attempts, nextAt] = await redis.hmget(
        keys.messages(account, campaign),
        ...[`report:${revision}`, `attempts:${revision}`, `next:${revision}`],
      );
      if (since === null || !report) return undefined;
      return {
        report: Report.parse(JSON.parse(report)),
        ...{ since: Number(since), attempts: Number(attempts ?? 0), nextAt: Number(nextAt ?? 0) },
      };
    },

    /** Notes an attempt, which two may have made at once; "over": the message had come to its end before. */
    note: (address: MessageAddress, { state, status, reason, nextAt }: Attempt, now: number) => {
      const { account, campaign, revision } = address;
      return noteScript(
        [
          ...[keys.campaign(account, campaign), keys.messages(account, campaign)],
          ...[keys.dueMessages(account), keys.messageEnds(account)],
        ],
        [campaign, revision, state, now, nextAt ?? "", status ?? "", reason ?? ""],
      );
    },

    /** All that an account has to deliver, oldest first. */
    async due(account: string): Promise<MessageAddress[]> {
      const members = await redis.zrange(keys.dueMessages(account), "0", "-1");
      return members.map((member) => {
        const mark = member.lastIndexOf("~");
        const revision = Number(member.slice(mark + 1));
        return { account, campaign: member.slice(0, mark) as CampaignId, revision };
      });
    },

    /** Since when a message about a campaign is due, of several the one that was last; undefined for none. */
    async dueSince({ account, id, revision = 0 }: Pick<Campaign, "account" | "id" | "revision">) {
      if (revision === 0) return undefined;
      const members = Array.from({ length: revision }, (_, at) =>
        memberOf({ account, campaign: id, revision: at + 1 }),
      );
      const scores = await redis.zmscore(keys.dueMessages(account), ...members);
      const due = scores.flatMap((score) => (score === null ? [] : [Number(score)]));
      return due.length === 0 ? undefined : Math.max(...due);
    },

    /** How many messages of an account were delivered and given up, since it is known. */
    async ends(account: string): Promise<Record<(typeof ENDS)[number], number>> {
      const [delivered, failed] = await redis.hmget(keys.messageEnds(account), ...ENDS);
      return { delivered: Number(delivered ?? 0), failed: Number(failed ?? 0) };
    },
  };
}

function memberOf({ campaign, revision }: MessageAddress): string {
  return `${campaign}~${revision}`;
}

export type Notifications = ReturnType<typeof createNotifications>;
