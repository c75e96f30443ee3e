import type { Batch, Trouble } from "../src/campaign/batch.ts";
import { nextMonth } from "../src/campaign/calendar.ts";
import type { SendUnit } from "../src/campaign/quota.ts";
import type { Clock } from "../src/clock.ts";
import type { JobView } from "../src/queues/worker.ts";
import type { Block } from "../src/store/blocks.ts";
import type { Calls, Limits, Postponement, ToAllStop } from "../src/store/calls.ts";
import type { BatchAddress } from "../src/store/keys.ts";
import type { AccessToken } from "../src/wechat/access-token.ts";
import type { WechatError } from "../src/wechat/answer.ts";
import type { Wait } from "../src/wechat/errcode-entry.ts";
import type { SendReply } from "../src/wechat/send-reply.ts";
import type { Next } from "./batch.ts";
import type { CampaignMedia } from "./campaign-media.ts";
import { ACCOUNT_BACKOFF, CONFIRMATION_MS, troubleOf } from "./trouble.ts";

/** One call that `begin` let through. */
export type BegunCall = {
  readonly address: BatchAddress;
  /** The batch as it was before the call. */
  readonly batch: Batch;
  readonly job: JobView;
  readonly epoch: number;
  /** The Shanghai day that it was begun on, and counts on. */
  readonly day: string;
  readonly dayEndsAt: number;
  readonly sendUnit: SendUnit;
  readonly leaseMs: number;
  /** What its message hangs on. */
  readonly mediaId?: string | undefined;
  /** What it kept to as a send to people whom WeChat finds itself. */
  readonly segment?: Limits["segment"];
  /** The access token that it was made with, if it was made. */
  readonly token?: string;
};

export type RecordOutcome = (call: BegunCall, reply: SendReply) => Promise<Next>;

type Parts = {
  readonly calls: Calls;
  readonly tokenOf: (account: string) => AccessToken;
  readonly remedyOf: (errcode: number) => string | undefined;
  readonly wakeBatch: (id: string) => Promise<void>;
  /** Whether the same content can be sent by other media than these, which WeChat does not know: `campaign-media.ts`. */
  readonly replaceMedia: CampaignMedia["replace"];
  readonly resendWaitMs: number;
  readonly clock: Clock;
};

/** A call that never left is made again after 1 s, doubling to 60 s; a repeat waits 4 h at most. */
const MISSED = { delayMs: 1_000, capMs: 60_000 };
const RESEND_CAP_MS = 14_400_000;
const MINUTE_MS = 60_000;
/** A media_id that WeChat does not know: used up, run out, deleted. */
const UNKNOWN_MEDIA = 40007;
const AGAIN_AT_ONCE = { delayMs: 0, capMs: 0, neverLeft: false, stop: false };
/** Two refusals of tokens farther apart than this have nothing to do with each other. */
const IN_A_ROW = { inARowMs: 900_000 };
/**
 * Records what came back from a call of the send API: the six outcomes of MECHANICS section 1. Accepted,
 * the batch goes on in `track.ts`.
 */
export function createOutcome({
  calls,
  tokenOf,
  remedyOf,
  wakeBatch,
  replaceMedia,
  resendWaitMs,
  clock,
}: Parts): RecordOutcome {
  return async (call, reply) => {
    switch (reply.kind) {
      case "accepted":
        return accept(call, reply.msgId, reply.msgDataId);
      case "already":
        return adopt(call, reply);
      case "doubt":
        return doubt(call, trouble("IN_DOUBT", reply.error));
      case "token":
        return replaceToken(call, reply.error);
      case "not-now":
        return notNow(call, reply.wait, reply.error);
      case "never-left":
        return postpone(call, {
          trouble: trouble("NEVER_LEFT", reply.error),
          ...MISSED,
          neverLeft: true,
          stop: false,
        });
      case "refused":
        return refuse(call, reply.cause, reply.error);
    }
  };

  async function accept(call: BegunCall, msgId: string, msgDataId?: string): Promise<Next> {
    const message = { epoch: call.epoch, msgId, msgDataId, adopted: false };
    const { state, next } = await calls.accept(call.address, message, call.leaseMs, clock.now());
    await pass(call, next, `WeChat accepted it as ${msgId}: ${state}.`);
    return "again";
  }

  /** 45065: WeChat knows this clientmsgid, so an earlier call did arrive. */
  async function adopt(
    call: BegunCall,
    { msgId, error }: Extract<SendReply, { kind: "already" }>,
  ): Promise<Next> {
    if (msgId === undefined) return review(call, trouble("MSG_ID_MISSING", error));
    const { state, next } = await calls.accept(
      call.address,
      { epoch: call.epoch, msgId, adopted: true },
      call.leaseMs,
      clock.now(),
    );
    if (state === "elder") return doubt(call, trouble("ELDER_IN_DOUBT", error), true);
    await pass(call, next, `WeChat has it already, as ${msgId}: ${state}.`);
    return "again";
  }

  async function doubt(call: BegunCall, what: Trouble, elder = false): Promise<Next> {
    const repeat = {
      epoch: call.epoch,
      waitMs: resendWaitMs,
      capMs: RESEND_CAP_MS,
      trouble: what,
      elder,
      leaseMs: call.leaseMs,
    };
    const { next } = await calls.doubt(call.address, repeat, clock.now());
    await pass(call, next, `In doubt: ${what.message}. It will be asked again with the same clientmsgid.`);
    return "again";
  }

  /**
   * A refusal for the token had no effect, but has cost a unit of the day: the batch passes the gate again, with
   * the token that replaces it (`access-token.ts`). When that one is refused too, in a call of whichever batch
   * of the account, and none was accepted in between, then somebody takes the tokens away: trouble of the
   * account, not a loop. Behind its stop one more refusal is enough, unless a person has resumed. Several calls
   * that were under way with one and the same token count once.
   */
  async function replaceToken(call: BegunCall, error: WechatError): Promise<Next> {
    const isNews = call.token !== undefined && (await tokenOf(call.address.account).drop(call.token));
    const what = trouble("TOKEN_REFUSED", error);
    const block = isNews ? { trouble: what, ...ACCOUNT_BACKOFF, ...IN_A_ROW } : undefined;
    return postpone(call, { trouble: what, delayMs: 0, capMs: 0, neverLeft: false, stop: false, block });
  }

  async function notNow(call: BegunCall, wait: Wait, error: WechatError): Promise<Next> {
    const what = trouble("NOT_NOW", error);
    const toAll = toAllStop(call, wait, error);
    const block = wait === "content" || toAll ? undefined : blockFor(call, wait, what);
    return postpone(call, {
      trouble: what,
      delayMs: 0,
      capMs: 0,
      neverLeft: false,
      stop: wait === "content",
      block,
      toAll,
    });
  }

  /**
   * What stops an account's sends to everybody and no others: a quota that is not that of tags and lists (MECHANICS
   * section 4), and an administrator who is asked about sends to everybody only (WECHAT.md section 2.2).
   */
  function toAllStop(
    { day, dayEndsAt, segment }: BegunCall,
    wait: Wait,
    { errcode }: WechatError,
  ): ToAllStop {
    const rule = segment?.toAll;
    if (rule && wait === "admin")
      return { reason: "admin-confirmation", till: clock.now() + CONFIRMATION_MS };
    if (rule && wait === "day" && errcode === 45028) return { day, dayEndsAt, monthEndsAt: rule.monthEndsAt };
    return undefined;
  }

  /** A day or month is that of the call, though its answer may come behind midnight. */
  function blockFor(call: BegunCall, wait: Exclude<Wait, "content">, what: Trouble): Block {
    const { day, dayEndsAt } = call;
    const monthEndsAt = nextMonth(dayEndsAt - 1);
    switch (wait) {
      case "account":
        return { trouble: what, ...ACCOUNT_BACKOFF };
      case "day": {
        const spent = what.errcode === 45028 && { spentDay: day, monthEndsAt };
        return { trouble: what, reason: "daily-quota", till: dayEndsAt, ...spent };
      }
      case "month":
        return { trouble: what, reason: "month", till: monthEndsAt };
      case "minute":
        return { trouble: what, reason: "minute-quota", till: clock.now() + MINUTE_MS };
      case "admin":
        return { trouble: what, reason: "admin-confirmation", till: clock.now() + CONFIRMATION_MS };
    }
  }

  async function postpone(call: BegunCall, postponement: Postponement): Promise<Next> {
    const { address, epoch, day, sendUnit, leaseMs } = call;
    const { next } = await calls.postpone(
      address,
      { epoch, day, sendUnit, leaseMs, ...postponement },
      clock.now(),
    );
    await pass(call, next, `Not now: ${postponement.trouble.message}.`);
    return "again";
  }

  async function refuse(call: BegunCall, cause: string, error: WechatError): Promise<Next> {
    const other = error.errcode === UNKNOWN_MEDIA ? await otherMedia(call) : "never";
    if (other !== "never") {
      const delayMs = other === "later" ? MINUTE_MS : 0;
      return postpone(call, { trouble: trouble("REFUSED", error), ...AGAIN_AT_ONCE, delayMs });
    }
    // Members of a batch in doubt never change, and nobody is looked up twice.
    if (cause === "recipients" && call.batch.doubtSince === undefined && !call.batch.check && !call.segment)
      return postpone(call, { trouble: trouble("REFUSED", error), ...AGAIN_AT_ONCE, check: true });
    if (cause === "unlisted") return review(call, trouble("UNLISTED", error));
    return end(call, trouble("REFUSED", error), cause === "message" ? "campaign" : "batch");
  }

  async function otherMedia({ address, mediaId, job }: BegunCall) {
    if (!mediaId) return "never";
    return replaceMedia({ account: address.account, id: address.campaign }, mediaId, job);
  }

  function review(call: BegunCall, what: Trouble): Promise<Next> {
    return end(call, what, "review");
  }

  async function end(call: BegunCall, what: Trouble, scope: "batch" | "campaign" | "review"): Promise<Next> {
    const { address, epoch, day, sendUnit, leaseMs } = call;
    const { state, next } = await calls.refuse(
      address,
      { epoch, day, sendUnit, trouble: what, scope, leaseMs },
      clock.now(),
    );
    await pass(call, next, `WeChat refused it: ${what.message}. The batch is ${state}.`);
    return "again";
  }

  /** Wakes who has the turn now, and writes the call's line in the job. */
  async function pass({ job, batch, segment }: BegunCall, next: string, line: string): Promise<void> {
    const whom = segment ? "people whom WeChat finds" : `${batch.size} OpenIDs`;
    const note = job.note(`Call ${batch.calls + 1}, ${whom}. ${line}`);
    await Promise.all([note, next !== "" && wakeBatch(next)]);
  }

  function trouble(code: string, error: WechatError): Trouble {
    return troubleOf(code, error, remedyOf);
  }
}
