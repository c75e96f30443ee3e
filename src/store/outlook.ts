import { z } from "zod";
import type { Account } from "../campaign/account.ts";
import type { Campaign } from "../campaign/campaign.ts";
import { batchSizes } from "../campaign/cut.ts";
import type { Outlook, Sender } from "../campaign/forecast.ts";
import { machineCallsPerMinute } from "../campaign/quota.ts";
import { nativeSegment } from "../campaign/segment.ts";
import { windowOf } from "../campaign/window.ts";
import type { Batches } from "./batches.ts";
import type { Campaigns } from "./campaigns.ts";
import type { Keys } from "./keys.ts";
import type { RedisClient } from "./script.ts";

const MINUTE_MS = 60_000;

const AccountFields = z.tuple([z.string().nullable(), z.coerce.number()]);

type Left = { readonly limit: number; readonly left: number };

type Parts = {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly campaigns: Pick<Campaigns, "open" | "find">;
  readonly batches: Pick<Batches, "open">;
  /** Today's send calls of an account, and its budget over all calls where it has one. */
  readonly quotaOf: (
    account: Account,
    now: number,
  ) => Promise<{ readonly send: Left; readonly allCalls: Left | null }>;
};

/** Reads what stands between an account and its next calls, for a forecast. Takes and changes nothing. */
export function createOutlook({ redis, keys, campaigns, batches, quotaOf }: Parts) {
  return async (account: Account, now: number): Promise<Outlook> => {
    const [fields, { send, allCalls }, calls, others] = await Promise.all([
      redis.hmget(keys.account(account.id), "paused", "blockUntil"),
      quotaOf(account, now),
      redis.zrangebyscore(keys.minute(account.id), `(${now - MINUTE_MS}`, "+inf", "WITHSCORES"),
      sendersOf(account),
    ]);
    const [paused, blockedUntil] = AccountFields.parse(fields);
    return {
      blockedUntil: paused === null ? blockedUntil : null,
      sends: {
        left: Math.min(send.left, allCalls?.left ?? send.left),
        perDay: Math.min(send.limit, allCalls?.limit ?? send.limit),
      },
      minute: {
        takenAt: calls.filter((_, place) => place % 2 === 1).map(Number),
        limit: machineCallsPerMinute(account),
      },
      others,
    };
  };

  /** The campaigns of an account that go on by themselves. */
  async function sendersOf(account: Account): Promise<Sender[]> {
    const ids = await campaigns.open(account.id);
    const open = await Promise.all(ids.map((id) => campaigns.find(id)));
    const going = open.filter((campaign) => campaign !== undefined).filter(goesOn);
    const window = account.window && windowOf(account.window);
    return Promise.all(
      going.map(async (campaign) => {
        const { startAt, deadline, windowFrom: from, windowTo: to } = campaign;
        const own = from === undefined || to === undefined ? undefined : { from, to };
        return { batches: await callsOf(campaign), startAt, deadline, window: own ?? window };
      }),
    );
  }

  /**
   * Batches that no call was made for. Before the plan is made they are reckoned from the list, all admitted; of a
   * segment whose members are still to be read nothing is known.
   */
  async function callsOf(campaign: Campaign): Promise<number> {
    const { account, id, state, audience } = campaign;
    if (state !== "sending" && nativeSegment(campaign)) return 1;
    if (state !== "sending") return batchSizes(audience.received - audience.invalid).length;
    const numbers = await batches.open(campaign);
    const states = await Promise.all(
      numbers.map((number) => redis.hget(keys.batch(account, id, number), "state")),
    );
    return states.filter((state) => state === "planned").length;
  }
}

function goesOn({ state, paused, stopped, refused }: Campaign): boolean {
  const going = state === "scheduled" || state === "preparing" || state === "sending";
  return going && !paused && !stopped && !refused;
}
