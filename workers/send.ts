import type { Account } from "../src/campaign/account.ts";
import { type Batch, type Trouble, WaitReason } from "../src/campaign/batch.ts";
import type { Campaign } from "../src/campaign/campaign.ts";
import { nativeSegment } from "../src/campaign/segment.ts";
import { mediaIdIn, messageFor } from "../src/campaign/send-message.ts";
import type { Clock } from "../src/clock.ts";
import { Failure } from "../src/failure.ts";
import type { JobView } from "../src/queues/worker.ts";
import type { Audiences } from "../src/store/audiences.ts";
import type { Batches, End } from "../src/store/batches.ts";
import type { Blocks } from "../src/store/blocks.ts";
import type { Calls } from "../src/store/calls.ts";
import type { BatchAddress } from "../src/store/keys.ts";
import type { Look } from "../src/store/look.ts";
import type { AccessToken } from "../src/wechat/access-token.ts";
import type { Followers } from "../src/wechat/followers.ts";
import type { Mass, Target } from "../src/wechat/mass.ts";
import type { Media } from "../src/wechat/media.ts";
import type { Next } from "./batch.ts";
import type { CampaignMedia } from "./campaign-media.ts";
import type { CheckMembers } from "./check-members.ts";
import type { Pause } from "./content-call.ts";
import { type DropReason, endFor } from "./drop.ts";
import type { RecordOutcome } from "./outcome.ts";
import type { Readmit } from "./readmit.ts";
import { createSendLimits, leaseMs } from "./send-limits.ts";
import { ACCOUNT_BACKOFF, troubleOf } from "./trouble.ts";

/** WeChat's side of one account. */
export type Wechat = {
  readonly account: Account;
  readonly mass: Mass;
  readonly token: AccessToken;
  readonly followers: Followers;
  readonly media: Media;
};

export type SendSettings = {
  readonly sendTimeoutMs: number;
  readonly resendWaitMs: number;
  readonly resendWindowMs: number;
  readonly giveUpMs: number;
};

type Parts = {
  readonly batches: Batches;
  readonly audiences: Audiences;
  readonly calls: Calls;
  readonly blocks: Blocks;
  readonly wechatOf: (account: string) => Wechat;
  readonly record: RecordOutcome;
  /** Makes media that have run out anew. */
  readonly freshen: CampaignMedia["freshen"];
  /** Looks up who of a batch can be reached: `check-members.ts`. */
  readonly checkMembers: CheckMembers;
  /** Takes a batch over into another month: `readmit.ts`. */
  readonly readmit: Readmit;
  readonly wakeBatch: (id: string) => Promise<void>;
  /** Whether this process is on its way out: then no call is begun any more. */
  readonly stopping: () => boolean;
  readonly settings: SendSettings;
  readonly clock: Clock;
};

/** The longest a batch sleeps without looking again, whatever it waits for. */
const LOOK_AGAIN_MS = 3_600_000;

/** A gate passed longer ago than this may belong to another day, or have been shut since: Redis was away. */
export const GATE_MS = 2_000;

/** How long a batch waits while no access token can be fetched, unless it is known when one can be. */
const TOKEN_WAIT_MS = 10_000;

/** How long one waits whose members can't be looked up now. */
const LOOK_UP_WAIT_MS = 30_000;

/** Batches that wait for the same moment must not all wake in it. */
const JITTER_MS = 1_000;

/**
 * One batch, one call: everything is made ready, `begin` lets it through or says what stops it, WeChat is
 * called once, what came back is recorded (`outcome.ts`). Accepted, the batch goes on in `track.ts`.
 */
export function createSend(parts: Parts) {
  const {
    batches,
    audiences,
    calls,
    blocks,
    wechatOf,
    record,
    freshen,
    checkMembers,
    readmit,
    wakeBatch,
    stopping,
    settings,
    clock,
  } = parts;

  const limitsOf = createSendLimits(settings);

  return async (address: BatchAddress, batch: Batch, seen: Look, job: JobView): Promise<Next> => {
    const { campaign } = seen;
    if (!campaign) throw new Failure("NOT_FOUND", "There is no such campaign.");
    return noLaterThan(campaign.deadline, await attempt(address, batch, { ...seen, campaign }, job));
  };

  /** Whatever a batch waits for, it is up when its campaign's deadline passes. */
  function noLaterThan(deadline = 0, next: Next): Next {
    if (next === "again" || deadline <= clock.now()) return next;
    return { restUntil: Math.min(next.restUntil, deadline) };
  }

  async function attempt(
    address: BatchAddress,
    batch: Batch,
    { campaign, block, turn }: Look & { campaign: Campaign },
    job: JobView,
  ): Promise<Next> {
    const stop = await stopBefore(address, batch, campaign, block, job);
    if (stop) return stop;

    if (batch.check === "due" && !isOverdue(batch)) return look(address, batch, campaign, job);

    // Whose turn it is gets woken; should that be lost, the lease runs out and this one asks again.
    const turnAt = clock.now() + 2 * leaseMs(settings);
    if (!isOverdue(batch) && turn === "held" && (await calls.askTurn(address, clock.now())) === "wait")
      return rest(address, batch, job, "turn", turnAt);

    const ready = isOverdue(batch) ? undefined : await makeReady(address, batch, campaign, job);
    if (ready && "next" in ready) return ready.next;
    if (stopping()) return { restUntil: clock.now() };

    const { account } = wechatOf(address.account);
    const now = clock.now();
    const limits = { ...limitsOf(account, campaign, now), mediaId: ready?.mediaId };
    const gate = await calls.begin(address, limits, now);
    if (gate.next !== "") await wakeBatch(gate.next);
    if (gate.word === "closed") return "again";
    if (gate.word === "drop") return drop(address, batch, campaign, gate.why);
    if (gate.word === "wait" && gate.reason === "other-month") {
      await readmit(campaign, batch, job);
      return "again";
    }
    if (gate.word === "wait" && gate.reason === "turn") return rest(address, batch, job, "turn", turnAt);
    if (gate.word === "wait") {
      // A stop that another batch has met meanwhile: what WeChat said there is why this one waits too.
      const block = await blocks.of(address.account);
      const same = block?.reason === gate.reason && block.until === gate.until;
      return rest(address, batch, job, gate.reason, gate.until, same ? block.trouble : batch.trouble);
    }
    const call = { ...limits, address, batch, job, epoch: gate.epoch };
    // A gate that answered late may have let through a call of yesterday; one that was overdue has no body.
    if (!ready || clock.now() - now > GATE_MS)
      return record(call, { kind: "never-left", error: { message: "the gate was passed too late" } });
    return record({ ...call, token: ready.token }, await ready.send());
  }

  /**
   * A stop of the account is seen here already: a token that is refused must not be asked for again.
   * Trouble of the account ends a campaign that has met it for too long, counted from when it could first
   * be sent: a later campaign gets its own tries.
   */
  async function stopBefore(
    address: BatchAddress,
    batch: Batch,
    campaign: Campaign,
    block: Look["block"],
    job: JobView,
  ) {
    if (isOverdue(batch)) return undefined;
    const now = clock.now();
    if (campaign.refused && batch.state === "planned") return drop(address, batch, campaign, "campaign");
    const settledAt = (batch.callAt ?? 0) + settings.sendTimeoutMs + settings.resendWaitMs;
    if (batch.state === "sending" && now < settledAt) return rest(address, batch, job, "resend", settledAt);

    if (campaign.paused) return stepAside(address, batch, job, "paused", null);
    const endsAt =
      block?.since === undefined ? undefined : Math.max(block.since, campaign.sendableAt) + settings.giveUpMs;
    if (block && endsAt !== undefined && now >= endsAt) {
      const trouble = { ...block.trouble, code: "ACCOUNT" };
      await end(address, { state: "failed", by: "account", trouble });
      return "again";
    }
    if (block && now < (block.until ?? Number.POSITIVE_INFINITY)) {
      const until = block.until && Math.min(block.until, endsAt ?? block.until);
      return stepAside(address, batch, job, block.reason, until, block.trouble);
    }
    if (batch.state !== "sending" && now < batch.notBefore)
      return stepAside(address, batch, job, batch.doubtSince ? "resend" : "backoff", batch.notBefore);
    return undefined;
  }

  /** Past the time in which WeChat knows the clientmsgid, `begin` gives the batch to a person. */
  function isOverdue({ doubtSince }: Batch): boolean {
    return doubtSince !== undefined && clock.now() >= doubtSince + settings.resendWindowMs;
  }

  /** Looks its members up before it goes once more. */
  async function look(address: BatchAddress, batch: Batch, campaign: Campaign, job: JobView): Promise<Next> {
    const why = await checkMembers(campaign, batch, job);
    if (why === undefined) return "again";
    await job.note(`Its members could not be looked up: ${why}.`);
    return stepAside(address, batch, job, "backoff", clock.now() + LOOK_UP_WAIT_MS, batch.trouble);
  }

  function waitForMedia(address: BatchAddress, batch: Batch, job: JobView, pause: Pause): Promise<Next> {
    if (pause.kind === "again")
      return stepAside(address, batch, job, "backoff", clock.now() + TOKEN_WAIT_MS, pause.trouble);
    const { reason, until, trouble } = pause.waiting;
    return stepAside(address, batch, job, reason, until, trouble ?? batch.trouble);
  }

  async function targetOf(campaign: Campaign, batch: Batch): Promise<Target> {
    const segment = nativeSegment(campaign);
    if (!segment) return { openids: await audiences.members(campaign, batch) };
    return segment.type === "all" ? { all: true } : { tagId: segment.tagId };
  }

  async function makeReady(address: BatchAddress, batch: Batch, campaign: Campaign, job: JobView) {
    const { mass, token: tokens } = wechatOf(address.account);
    const { sendIgnoreReprint } = campaign;
    try {
      // A repeat in doubt carries what it had carried.
      const fresh = batch.doubtSince === undefined ? await freshen(campaign, job) : campaign;
      if ("kind" in fresh) return { next: await waitForMedia(address, batch, job, fresh) };
      const message = messageFor(fresh, batch);
      if (!message) throw new Error("a batch without a message");

      const [target, token] = await Promise.all([targetOf(campaign, batch), tokens.get()]);
      const { clientmsgid } = batch;
      const prepared = mass.prepare({ message, sendIgnoreReprint, clientmsgid, target });
      return { token, mediaId: mediaIdIn(message), send: () => mass.send(token, prepared) };
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      const trouble = troubleOf(failure.code, { message: failure.message, ...failure.details });
      if (failure.code === "AUDIENCE_LOST" || failure.code === "CONTENT_REFUSED") {
        const by = failure.code === "AUDIENCE_LOST" ? "lost" : "campaign";
        await end(address, { state: "failed", by, trouble });
        return { next: "again" as const };
      }
      if (failure.code === "WECHAT_UNREACHABLE") {
        await job.note(`No access token to be had: ${failure.message}.`);
        const { retryAt = clock.now() + TOKEN_WAIT_MS } = failure.details as { retryAt?: number };
        return { next: await stepAside(address, batch, job, "backoff", retryAt, trouble) };
      }
      if (failure.code !== "TOKEN_REFUSED") throw failure;
      const until = await blocks.put(address.account, { trouble, ...ACCOUNT_BACKOFF }, clock.now());
      return { next: await stepAside(address, batch, job, "account", until, trouble) };
    }
  }

  async function drop(
    address: BatchAddress,
    { doubtSince, wait }: Batch,
    campaign: Campaign,
    why: DropReason,
  ): Promise<Next> {
    // The gate knew of a refusal that was not seen here yet: with the next look come WeChat's words.
    if (why !== "campaign" || campaign.refused)
      await end(address, endFor(why, campaign, doubtSince !== undefined, wait));
    return "again";
  }

  /** Ends the batch without a further call, and wakes who has the turn by it. */
  async function end(address: BatchAddress, how: Pick<End, "state" | "by" | "trouble">): Promise<void> {
    const { next } = await batches.drop(address, { ...how, leaseMs: leaseMs(settings), now: clock.now() });
    if (next !== "") await wakeBatch(next);
  }

  /** Rests before the gate was asked: nobody else is to wait for this batch. */
  async function stepAside(...of: Parameters<typeof rest>): Promise<Next> {
    const next = await calls.leaveTurn(of[0], leaseMs(settings), clock.now());
    if (next !== "") await wakeBatch(next);
    return rest(...of);
  }

  /** Notes what the batch waits for, where that has a name, and says until when it may sleep. */
  async function rest(
    address: BatchAddress,
    batch: Batch,
    job: JobView,
    why: string,
    until: number | null,
    trouble: Trouble | undefined = batch.trouble,
  ): Promise<Next> {
    const now = clock.now();
    const reason = WaitReason.safeParse(why);
    if (reason.success) {
      await batches.noteWait(address, { reason: reason.data, until, ...(trouble && { trouble }) });
      await job.note(`Waiting, ${why}${until === null ? "" : `, until ${new Date(until).toISOString()}`}.`);
    } else if (batch.wait) await batches.noteWait(address, undefined);
    const overdueAt = isOverdue(batch)
      ? Number.POSITIVE_INFINITY
      : (batch.doubtSince ?? Number.POSITIVE_INFINITY) + settings.resendWindowMs;
    const jitter = why.endsWith("quota") ? Math.random() * JITTER_MS : 0;
    return { restUntil: Math.min((until ?? now + LOOK_AGAIN_MS) + jitter, now + LOOK_AGAIN_MS, overdueAt) };
  }
}
