import { z } from "zod";
import { BatchState, type Trouble, WaitReason } from "../campaign/batch.ts";
import type { SendUnit } from "../campaign/quota.ts";
import type { Window } from "../campaign/window.ts";
import type { Block } from "./blocks.ts";
import { type BatchAddress, idOf, type Keys } from "./keys.ts";
import { createScript, type RedisClient } from "./script.ts";

/** The numbers that `begin` keeps, in milliseconds or calls. */
export type Limits = {
  readonly sendCalls: number;
  readonly sendUnit: SendUnit;
  readonly allCalls?: number | undefined;
  readonly minuteCalls: number;
  readonly day: string;
  readonly month: string;
  readonly dayEndsAt: number;
  readonly settleMs: number;
  readonly leaseMs: number;
  readonly resendWindowMs: number;
  /** The account's, for campaigns that have none of their own. */
  readonly window?: Window | undefined;
  /** What the message hangs on: a repeat in doubt carries the same. */
  readonly mediaId?: string | undefined;
  /** Of people whom WeChat finds itself; `toAll` of a service account's sends to everybody. */
  readonly segment?: { readonly toAll?: ToAllRule | undefined } | undefined;
};

/** Sends to everybody: how many a month; times in milliseconds. */
export type ToAllRule = {
  readonly perMonth: number;
  readonly monthEndsAt: number;
  readonly capsKeptUntil: number;
};

/** Why `begin` said no: for those who look, and some that only pass by. */
export const GateReason = z.union([
  WaitReason,
  z.enum(["backoff", "other-month", "paused", "preparing", "turn"]),
]);
export type GateReason = z.infer<typeof GateReason>;

const BeginReply = z.union([
  z.tuple([z.literal("go"), z.string(), z.number(), z.string()]),
  z.tuple([z.literal("wait"), GateReason, z.number(), z.string()]),
  z.tuple([z.literal("drop"), z.enum(["campaign", "cancel", "deadline", "month"]), z.number(), z.string()]),
  z.tuple([z.literal("closed"), z.union([BatchState, z.literal("gone")]), z.number(), z.string()]),
]);

/** Until a moment, or because WeChat has none left on this day, perhaps in this month; times in milliseconds. */
export type ToAllStop =
  | { readonly reason: WaitReason; readonly till: number }
  | { readonly day: string; readonly dayEndsAt: number; readonly monthEndsAt: number }
  | undefined;

/** What a call without effect changes beside the batch. */
export type Postponement = {
  readonly trouble: Trouble;
  readonly delayMs: number;
  readonly capMs: number;
  readonly neverLeft: boolean;
  readonly block?: Block | undefined;
  /** What stops sends to everybody alone. */
  readonly toAll?: ToAllStop;
  readonly stop: boolean;
  /** Whether its members are to be looked up before it goes once more. */
  readonly check?: boolean;
};

/**
 * The ledger around one call of the send API: `begin` before it, one of the others after it. Each
 * answers `next`: the batch that got the account's turn by it, whose job must be woken, or "".
 */
export function createCalls(redis: RedisClient, keys: Keys) {
  const beginScript = createScript(redis, "begin", BeginReply);
  const acceptScript = createScript(
    redis,
    "accept",
    z.tuple([z.union([BatchState, z.enum(["elder", "gone"])]), z.string()]),
  );
  const doubtScript = createScript(
    redis,
    "doubt",
    z.tuple([z.enum(["unknown", "stale"]), z.number(), z.string()]),
  );
  const postponeScript = createScript(
    redis,
    "postpone",
    z.tuple([z.enum(["planned", "unknown", "stale"]), z.number(), z.string()]),
  );
  const refuseScript = createScript(
    redis,
    "refuse",
    z.tuple([z.enum(["failed", "needs_review", "stale"]), z.string()]),
  );
  const askTurnScript = createScript(redis, "ask-turn", z.enum(["ready", "wait"]));
  const leaveTurnScript = createScript(redis, "leave-turn", z.string());
  const expireTurnScript = createScript(redis, "expire-turn", z.string());

  const campaignKey = ({ account, campaign }: BatchAddress) => keys.campaign(account, campaign);
  const batchKey = ({ account, campaign, number }: BatchAddress) => keys.batch(account, campaign, number);
  const openKey = ({ account, campaign }: BatchAddress) => keys.openBatches(account, campaign);
  const turnKeys = ({ account }: BatchAddress) => [keys.turn(account), keys.turnQueue(account)];

  return {
    async begin(address: BatchAddress, { day, ...limits }: Limits, now: number) {
      const reply = await beginScript(
        [
          keys.account(address.account),
          campaignKey(address),
          batchKey(address),
          keys.doubt(address.account),
          keys.quota(address.account, day),
          keys.minute(address.account),
          ...turnKeys(address),
          openKey(address),
          keys.review(address.account),
          keys.caps(address.account, limits.month),
        ],
        [now, idOf(address), JSON.stringify(limits)],
      );
      const next = reply[3];
      if (reply[0] === "go") return { word: reply[0], epoch: reply[2], next };
      if (reply[0] === "wait")
        return { word: reply[0], reason: reply[1], until: reply[2] < 0 ? null : reply[2], next };
      if (reply[0] === "drop") return { word: reply[0], why: reply[1], next };
      return { word: reply[0], state: reply[1], next };
    },

    /** Records a msg_id. "elder": an older batch is in doubt, so this 45065 may speak of that one. */
    async accept(
      address: BatchAddress,
      message: { epoch: number; msgId: string; msgDataId?: string | undefined; adopted: boolean },
      leaseMs: number,
      now: number,
    ) {
      const [state, next] = await acceptScript(
        [
          keys.account(address.account),
          campaignKey(address),
          batchKey(address),
          keys.doubt(address.account),
          ...turnKeys(address),
          openKey(address),
          keys.messageOwner(address.account, message.msgId),
          keys.inbox(address.account, message.msgId),
          keys.unclaimed(address.account),
          keys.review(address.account),
        ],
        [
          now,
          idOf(address),
          message.epoch,
          message.msgId,
          message.msgDataId ?? "",
          message.adopted ? "1" : "",
          leaseMs,
        ],
      );
      return { state, next };
    },

    async doubt(
      address: BatchAddress,
      call: {
        epoch: number;
        waitMs: number;
        capMs: number;
        trouble: Trouble;
        /** Whether it is to be asked again only when no older batch is in doubt any more. */
        elder: boolean;
        leaseMs: number;
      },
      now: number,
    ) {
      const [state, until, next] = await doubtScript(
        [campaignKey(address), batchKey(address), ...turnKeys(address)],
        [
          now,
          idOf(address),
          call.epoch,
          call.waitMs,
          call.capMs,
          JSON.stringify(call.trouble),
          call.leaseMs,
          call.elder ? "1" : "",
        ],
      );
      return { state, until, next };
    },

    async postpone(
      address: BatchAddress,
      call: { epoch: number; day: string; sendUnit: SendUnit; leaseMs: number } & Postponement,
      now: number,
    ) {
      const trouble = JSON.stringify(call.trouble);
      const what = {
        neverLeft: call.neverLeft,
        sendUnit: call.sendUnit,
        delayMs: call.delayMs,
        capMs: call.capMs,
        trouble,
        block: call.block && { ...call.block, trouble: JSON.stringify(call.block.trouble) },
        toAll: call.toAll,
        check: call.check,
        stop: call.stop ? trouble : undefined,
      };
      const [state, until, next] = await postponeScript(
        [
          keys.account(address.account),
          campaignKey(address),
          batchKey(address),
          keys.doubt(address.account),
          keys.quota(address.account, call.day),
          keys.minute(address.account),
          ...turnKeys(address),
        ],
        [now, idOf(address), call.epoch, JSON.stringify(what), call.leaseMs],
      );
      return { state, until, next };
    },

    /** `scope`: whom the refusal speaks of; "review" when only a person can tell. */
    async refuse(
      address: BatchAddress,
      call: {
        epoch: number;
        day: string;
        sendUnit: SendUnit;
        trouble: Trouble;
        scope: "batch" | "campaign" | "review";
        leaseMs: number;
      },
      now: number,
    ) {
      const [state, next] = await refuseScript(
        [
          campaignKey(address),
          batchKey(address),
          keys.doubt(address.account),
          ...turnKeys(address),
          openKey(address),
          keys.quota(address.account, call.day),
          keys.review(address.account),
        ],
        [
          now,
          idOf(address),
          call.epoch,
          JSON.stringify(call.trouble),
          call.scope,
          call.leaseMs,
          call.sendUnit,
        ],
      );
      return { state, next };
    },

    /** Whether a batch may get ready for its call, or stands in the queue for its turn now. */
    askTurn: (address: BatchAddress, now: number) => askTurnScript(turnKeys(address), [now, idOf(address)]),

    /** Gives up a batch's turn, or its place; answers the batch that got the turn by it, or "". */
    leaveTurn: (address: BatchAddress, leaseMs: number, now: number) =>
      leaveTurnScript(turnKeys(address), [now, idOf(address), leaseMs]),

    /** The batch that has the account's turn, an expired one handed on first; "" for none. */
    expireTurn: (account: string, leaseMs: number, now: number) =>
      expireTurnScript([keys.turn(account), keys.turnQueue(account)], [now, leaseMs]),
  };
}

export type Calls = ReturnType<typeof createCalls>;
