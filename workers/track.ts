import type { Account } from "../src/campaign/account.ts";
import type { Batch } from "../src/campaign/batch.ts";
import type { Clock } from "../src/clock.ts";
import type { JobView } from "../src/queues/worker.ts";
import type { Batches, Result } from "../src/store/batches.ts";
import type { BatchAddress } from "../src/store/keys.ts";
import type { Mass } from "../src/wechat/mass.ts";
import type { MassStatus, PollReply } from "../src/wechat/poll-reply.ts";
import type { Next } from "./batch.ts";
import { createPollLimits } from "./send-limits.ts";
import { CONFIRMATION_MS, troubleOf } from "./trouble.ts";

type Parts = {
  readonly batches: Batches;
  readonly wechatOf: (account: string) => { readonly account: Account; readonly mass: Pick<Mass, "get"> };
  readonly remedyOf: (errcode: number) => string | undefined;
  readonly settings: { readonly pollMs: readonly number[]; readonly giveUpMs: number };
  readonly clock: Clock;
};

/**
 * Stays with an accepted batch until it is closed: sleeps for WeChat's callback (`callback.ts`), asks
 * mass/get on the configured schedule, and in the end gives it to a person. The last step is `settle.ts`.
 */
export function createTrack({ batches, wechatOf, remedyOf, settings, clock }: Parts) {
  const limitsOf = createPollLimits();

  return async (address: BatchAddress, batch: Batch, job: JobView): Promise<Next> => {
    const now = clock.now();
    const giveUpAt = (batch.acceptedAt ?? now) + settings.giveUpMs;
    if (now >= giveUpAt) {
      await batches.close(address, gaveUp, now);
      await job.note("Given up: WeChat told nothing about it. A person has to look.");
      return "again";
    }
    const pollAt = (batch.polledAt ?? batch.acceptedAt ?? now) + pollWait(batch.polls);
    if (now < pollAt) return { restUntil: Math.min(pollAt, giveUpAt) };
    return poll(address, batch, job);
  };

  /** The wait before the next poll in milliseconds; the last of the schedule repeats. */
  function pollWait(polls: number): number {
    return settings.pollMs[Math.min(polls, settings.pollMs.length - 1)] ?? settings.giveUpMs;
  }

  async function poll(address: BatchAddress, batch: Batch, job: JobView): Promise<Next> {
    const { account, mass } = wechatOf(address.account);
    const now = clock.now();
    const slot = await batches.notePoll(address, limitsOf(account, now), now);
    if (slot.word === "wait") return { restUntil: slot.until };

    const reply = await mass.get(batch.msgId ?? "");
    await noteAdmin(address, batch, reply);
    if (reply.kind === "status") {
      await job.note(`Asked WeChat: ${reply.status}.`);
      const result = resultOf(reply.status);
      if (result) await batches.close(address, result, clock.now());
    } else await job.note(`Asked WeChat, no answer to use: ${reply.error.message}.`);
    return "again";
  }

  /** An accepted send that an administrator has yet to confirm says so here only (WECHAT.md section 2.6). */
  async function noteAdmin(address: BatchAddress, { acceptedAt = 0, wait }: Batch, reply: PollReply) {
    const until = acceptedAt + CONFIRMATION_MS;
    const waits = reply.kind === "not-now" && reply.wait === "admin" && clock.now() < until;
    if (!waits && !wait) return;
    const trouble = waits && troubleOf("NOT_NOW", reply.error, remedyOf);
    const admin = trouble ? ({ reason: "admin-confirmation", until, trouble } as const) : undefined;
    await batches.noteWait(address, admin, "accepted");
  }
}

const gaveUp: Result = {
  state: "needs_review",
  by: "give-up",
  trouble: { code: "GIVEN_UP", message: "WeChat told neither by callback nor by poll what became of it" },
  stops: false,
};

/** DELETE says that it was sent, and taken back afterwards (WECHAT.md section 2.6). */
function resultOf(status: MassStatus): Result | undefined {
  if (status === "SENDING") return undefined;
  if (status !== "SEND_FAIL") return { state: "succeeded", by: "poll", stops: false };
  const trouble = { code: "SEND_FAIL", message: "WeChat says that the send failed" };
  return { state: "failed", by: "poll", trouble, stops: false };
}
