import type { Account } from "../src/campaign/account.ts";
import type { AuditEntry, Signature } from "../src/campaign/audit.ts";
import type { Batch } from "../src/campaign/batch.ts";
import type { Campaign } from "../src/campaign/campaign.ts";
import { movesOf } from "../src/campaign/move.ts";
import type { QuotaState } from "../src/campaign/quota.ts";
import { type Recallable, recallOf, stillSends, WHOLE } from "../src/campaign/recall.ts";
import type { RecallDone, RecallPlan, RecallStop, Sharing } from "../src/campaign/recall-view.ts";
import { ownMessage } from "../src/campaign/send-message.ts";
import { shownState } from "../src/campaign/waiting.ts";
import type { Clock } from "../src/clock.ts";
import { Failure } from "../src/failure.ts";
import type { Batches } from "../src/store/batches.ts";
import type { Campaigns } from "../src/store/campaigns.ts";
import type { Deleted } from "./recall-message.ts";

type Parts = {
  readonly campaigns: Pick<Campaigns, "find">;
  readonly batches: Pick<Batches, "of">;
  readonly accounts: ReadonlyMap<string, Account>;
  readonly sharing: (campaign: Campaign, batches: readonly Batch[]) => Promise<Sharing>;
  readonly recallMessage: (
    account: Account,
    of: { campaign: Campaign; message: Recallable; articleIdx: number; lookFirst: boolean },
  ) => Promise<Deleted>;
  readonly audit: (entry: AuditEntry) => Promise<unknown>;
  readonly readQuota: (account: Account, now: number) => Promise<QuotaState>;
  readonly clock: Clock;
};

/**
 * Takes a campaign's messages back (WECHAT.md section 2.5): one call a msg_id, ten a day. What is done stands in the
 * ledger, so that a repeat goes on behind it, after a crash too.
 */
export function createRecall(parts: Parts) {
  const { campaigns, batches, accounts, sharing, recallMessage, audit, readQuota, clock } = parts;

  /** @throws Failure NOT_FOUND, or INVALID_PARAMETER for an article of a video */
  async function look(id: string, articleIdx: number) {
    const campaign = await campaigns.find(id);
    if (!campaign) throw new Failure("NOT_FOUND", "There is no such campaign.");
    const account = accounts.get(campaign.account);
    if (!account) throw new Failure("ACCOUNT_UNKNOWN", "The accounts file names no such account any more.");
    if (articleIdx !== WHOLE && ownMessage(campaign)?.msgtype === "mpvideo") {
      const error = { path: "articleIdx", message: "a video has no articles: leave it out" };
      throw new Failure("INVALID_PARAMETER", `${error.path}: ${error.message}`, {
        details: { errors: [error] },
      });
    }
    return { campaign, account, all: await batches.of(campaign) };
  }

  async function plan(id: string, articleIdx: number): Promise<RecallPlan> {
    const { campaign, account, all } = await look(id, articleIdx);
    const recall = recallOf(campaign, all, articleIdx);
    const [shared, quota] = await Promise.all([sharing(campaign, all), readQuota(account, clock.now())]);
    return {
      ...{ id: campaign.id, account: campaign.account, articleIdx, sharing: shared, ...recall },
      state: shownState(campaign, all),
      mustCancel: stillSends(campaign, all),
      deletes: {
        needed: recall.messages.filter(({ at }) => at === undefined).length,
        left: quota.delete.left,
        resetsAt: quota.resetsAt,
      },
    };
  }

  return {
    /** What it would do, or has done. Makes no call. */
    plan,

    /**
     * Stops at what would meet the next message too, such as the day's end, with all that was done.
     *
     * @throws Failure ILLEGAL_MOVE when it still sends, or has nothing that WeChat takes back
     */
    async recall(id: string, articleIdx: number, by: Signature): Promise<RecallDone> {
      const { campaign, account, all } = await look(id, articleIdx);
      const shown = shownState(campaign, all);
      const refuse = (why: string) => {
        throw new Failure("ILLEGAL_MOVE", `The campaign is ${shown}: ${why}.`, {
          details: { allowed: movesOf(shown) },
        });
      };
      if (stillSends(campaign, all)) refuse("cancel it first, else it goes on");
      const { messages } = recallOf(campaign, all, articleIdx);
      if (messages.length === 0) refuse("it has nothing that WeChat takes back");

      const details = articleIdx === WHOLE ? {} : { details: { articleIdx } };
      await audit({
        ...{ at: clock.now(), act: "recall", account: account.id, campaign: id, ...by },
        ...details,
      });
      let stopped: RecallStop | undefined;
      // Gone with the first message may be the others of the same material.
      let lookFirst = articleIdx === WHOLE && messages.some(({ at }) => at !== undefined);
      for (const message of messages) {
        if (message.at !== undefined) continue;
        const deleted = await recallMessage(account, { campaign, message, articleIdx, lookFirst });
        if (deleted.kind === "stop") {
          stopped = deleted.stop;
          break;
        }
        if (deleted.kind === "done") lookFirst = articleIdx === WHOLE;
      }
      const now = await plan(id, articleIdx);
      return { ...now, done: now.deletes.needed === 0, stopped };
    },
  };
}
