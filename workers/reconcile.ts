import { batchId, isClosed } from "../src/campaign/batch.ts";
import { isEnded } from "../src/campaign/campaign.ts";
import type { CampaignId } from "../src/campaign/campaign-id.ts";
import type { Clock } from "../src/clock.ts";
import type { Logger } from "../src/log.ts";
import type { Queues } from "../src/queues/queues.ts";
import type { Wish } from "../src/queues/worker.ts";
import type { Batches } from "../src/store/batches.ts";
import type { Calls } from "../src/store/calls.ts";
import type { Campaigns } from "../src/store/campaigns.ts";
import type { BatchAddress } from "../src/store/keys.ts";
import type { MessageAddress, Notifications } from "../src/store/notifications.ts";
import type { Readings } from "../src/store/readings.ts";
import type { Settle } from "./settle.ts";

type Parts = {
  readonly accounts: readonly string[];
  readonly campaigns: Campaigns;
  readonly batches: Batches;
  readonly calls: Calls;
  readonly readings: Pick<Readings, "open" | "find">;
  readonly notifications: Pick<Notifications, "due" | "find">;
  readonly queues: Pick<
    Queues,
    "restoreBatch" | "restoreCampaign" | "restoreNotification" | "restoreReading" | "wakeBatch"
  >;
  /** Adds a campaign up again to which a result came after its end. */
  readonly correct: Settle["correct"];
  readonly leaseMs: number;
  readonly onRepairs?: (count: number) => void;
  readonly clock: Clock;
  readonly log: Logger;
};

/**
 * Finds what sleeps and should not: open campaigns and batches, messages that are to be delivered, and lists that
 * are being read, whose job is missing or finished get it back, the owner of a turn is woken, an expired turn is handed on. The safety net, not the mechanism:
 * whatever it mends is logged.
 */
export function createReconcile(parts: Parts) {
  const { accounts, campaigns, batches, readings, notifications, calls, queues, correct } = parts;
  const { leaseMs, onRepairs, clock, log } = parts;

  return async (): Promise<Wish<{ repairs: number }>> => {
    let repairs = 0;
    for (const account of accounts) {
      for (const id of await campaigns.open(account))
        repairs += (await apart({ account, campaign: id }, () => mend(account, id))) ?? 0;
      for (const message of await notifications.due(account))
        repairs += (await apart(message, () => remind(message))) ?? 0;
      await apart({ account }, async () => {
        const owner = await calls.expireTurn(account, leaseMs, clock.now());
        if (owner !== "") await queues.wakeBatch(owner);
      });
    }
    // No repair: whoever asks for one without a queue leaves it to this.
    for (const list of await readings.open(clock.now()))
      await apart({ list }, () =>
        queues.restoreReading(list, async () => (await readings.find(list))?.state === "reading"),
      );
    if (repairs > 0) log.warn({ repairs }, "Jobs were missing and have been given back");
    onRepairs?.(repairs);
    return { kind: "done", value: { repairs } };
  };

  /** One that can't be looked at must not hide the others. */
  async function apart<Value>(of: object, look: () => Promise<Value>): Promise<Value | undefined> {
    try {
      return await look();
    } catch (error) {
      log.error(
        { ...of, stack: error instanceof Error ? error.stack : String(error) },
        "Could not be reconciled",
      );
      return undefined;
    }
  }

  async function mend(account: string, id: CampaignId): Promise<number> {
    const campaign = await campaigns.find(id);
    if (!campaign) return 0;
    if (isEnded(campaign.state)) {
      await correct(campaign);
      return 0;
    }
    const { name } = campaign;
    const data = { account, ...(name !== undefined && { name }), stored: true } as const;
    const isOpen = async () => (await campaigns.open(account)).includes(id);
    let repairs = (await queues.restoreCampaign(id, data, isOpen)) ? 1 : 0;
    const { planned, enqueued, state, hold, firstBatch = 1 } = campaign;
    if (planned === 0) return repairs;
    // The campaign's own job is about to add the others, or holds them back.
    for (const number of await batches.open(campaign))
      if (
        (enqueued || state === "canceling" || (hold && number === firstBatch)) &&
        (await restoreBatch({ account, campaign: id, number }))
      )
        repairs += 1;
    return repairs;
  }

  async function remind(message: MessageAddress): Promise<number> {
    const isOpen = async () => (await notifications.find(message)) !== undefined;
    return (await queues.restoreNotification(message, isOpen)) ? 1 : 0;
  }

  function restoreBatch(address: BatchAddress): Promise<boolean> {
    const isOpen = async () => {
      const batch = await batches.find(address);
      return batch !== undefined && !isClosed(batch.state);
    };
    return queues.restoreBatch(batchId(address.campaign, address.number), address, isOpen);
  }
}
