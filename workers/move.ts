import { setTimeout as sleep } from "node:timers/promises";
import type { AuditEntry, Signature } from "../src/campaign/audit.ts";
import type { Batch } from "../src/campaign/batch.ts";
import type { Campaign, CampaignState } from "../src/campaign/campaign.ts";
import { type Move, movesOf } from "../src/campaign/move.ts";
import { isHeldBack, shownState } from "../src/campaign/waiting.ts";
import type { Clock } from "../src/clock.ts";
import { Failure } from "../src/failure.ts";
import type { Queues } from "../src/queues/queues.ts";
import type { Batches } from "../src/store/batches.ts";
import type { Campaigns } from "../src/store/campaigns.ts";
import type { Moves } from "../src/store/moves.ts";
import { GATE_MS } from "./send.ts";
import type { Wake } from "./wake.ts";

type Parts = {
  readonly campaigns: Campaigns;
  readonly batches: Batches;
  readonly moves: Moves;
  readonly queues: Pick<Queues, "wakeCampaign">;
  readonly wake: Pick<Wake, "batch">;
  readonly sendTimeoutMs: number;
  readonly clock: Clock;
  /** How to wait for a call to come back; given by tests. */
  readonly wait?: (ms: number) => Promise<unknown>;
};

/** How often the ledger is asked whether a call that was let through before has come back. */
const LOOK_MS = 20;

/**
 * Pause, resume and cancel: changes the ledger, wakes whom it concerns, and answers once no call that was let
 * through before is still on its way to WeChat.
 */
export function createMove({
  campaigns,
  batches,
  moves,
  queues,
  wake,
  sendTimeoutMs,
  clock,
  wait = sleep,
}: Parts) {
  return {
    /**
     * Answers the state that is shown now.
     *
     * @throws Failure NOT_FOUND, or ILLEGAL_MOVE with the moves that it takes (`allowed`)
     */
    async campaign(id: string, move: Move, by: Signature): Promise<{ id: string; state: CampaignState }> {
      const campaign = await make(id, move, by);
      if (move === "resume") await wakeBatches(campaign);
      await queues.wakeCampaign(campaign.id);
      if (move !== "resume") await callsBack(campaign.account, campaign.id);
      return { id, state: shownState(...(await readShown(id))) };
    },

    /** An account that the accounts file names. */
    async account(
      account: string,
      move: "pause" | "resume",
      by: Signature,
    ): Promise<{ account: string; state: string }> {
      const at = clock.now();
      const entry: AuditEntry = { at, act: move, account, ...by };
      const state =
        move === "pause"
          ? await moves.pauseAccount(account, entry)
          : await moves.resumeAccount(account, at, entry);
      for (const id of await campaigns.open(account)) await wakeBatches({ account, id });
      if (move === "pause") await callsBack(account);
      return { account, state };
    },
  };

  async function readShown(id: string): Promise<[Campaign, Batch[]]> {
    const campaign = await campaigns.find(id);
    if (!campaign) throw new Failure("NOT_FOUND", "There is no such campaign.");
    return [campaign, await batches.of(campaign)];
  }

  /** Whether it waits is read from its batches and not known to the script, so what it refuses is looked at again. */
  async function make(id: string, move: Move, by: Signature): Promise<Campaign> {
    for (;;) {
      const [campaign, all] = await readShown(id);
      const shown = shownState(campaign, all);
      const allowed = movesOf(shown);
      if (!allowed.includes(move)) {
        const takes =
          allowed.length > 0 ? `can be told to ${allowed.join(" or ")}` : "takes no move any more";
        throw new Failure("ILLEGAL_MOVE", `The campaign is ${shown}: it ${takes}.`, {
          details: { allowed },
        });
      }
      const entry = { at: clock.now(), act: move, account: campaign.account, campaign: id, ...by };
      if ((await change(campaign, entry, shown, isHeldBack(campaign, all))) === "moved") return campaign;
    }
  }

  function change(
    campaign: Campaign,
    entry: AuditEntry & { act: Move },
    shown: CampaignState,
    lift: boolean,
  ) {
    if (entry.act === "pause") return moves.pause(campaign, entry);
    if (entry.act === "cancel") return moves.cancel(campaign, "CANCELED", entry);
    return moves.resume(campaign, { from: shown === "paused" ? shown : "waiting", lift }, entry.at, entry);
  }

  async function wakeBatches({ account, id }: Pick<Campaign, "account" | "id">): Promise<void> {
    for (const number of await batches.open({ account, id }))
      await wake.batch({ account, campaign: id, number });
  }

  /**
   * A call is made at most GATE_MS after `begin` has let it through (`send.ts`) and ends within the send's
   * time-out: what has not come back by then will not reach WeChat any more.
   */
  async function callsBack(account: string, campaign?: string): Promise<void> {
    for (;;) {
      const calls = await moves.callsUnderWay(account);
      const may = calls.filter(
        (call) =>
          (campaign ?? call.campaign) === call.campaign &&
          clock.now() < call.callAt + sendTimeoutMs + GATE_MS,
      );
      if (may.length === 0) return;
      await wait(LOOK_MS);
    }
  }
}
