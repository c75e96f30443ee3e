import type { Account } from "../src/campaign/account.ts";
import { batchId, type Trouble } from "../src/campaign/batch.ts";
import type { Campaign } from "../src/campaign/campaign.ts";
import { type Recallable, WHOLE } from "../src/campaign/recall.ts";
import type { RecallStop } from "../src/campaign/recall-view.ts";
import type { Clock } from "../src/clock.ts";
import { Failure } from "../src/failure.ts";
import type { Recalls } from "../src/store/recalls.ts";
import type { CountedReply } from "../src/wechat/api.ts";
import type { Mass } from "../src/wechat/mass.ts";
import type { MassDesk } from "../src/wechat/mass-desk.ts";
import type { PersonCall } from "./person-call.ts";

type Parts = {
  readonly massOf: (account: string) => Pick<Mass, "get">;
  readonly massDeskOf: (account: string) => Pick<MassDesk, "delete">;
  readonly recalls: Recalls;
  readonly call: PersonCall;
  readonly remedyOf: (errcode: number) => string | undefined;
  /** How long a call may take. */
  readonly sendTimeoutMs: number;
  readonly clock: Clock;
};

export type Deleted =
  | { readonly kind: "done" | "refused" }
  /** What would meet the next message as well. */
  | { readonly kind: "stop"; readonly stop: RecallStop };

type Said = { readonly errcode?: number; readonly message: string; readonly rid?: string };

/** At most, with a refused token at both: two questions and two deletes, and three calls for tokens. */
const REQUESTS = 7;
/** For the scripts around them. */
const MARGIN_MS = 5_000;

/**
 * Refusals that speak of the message's state (WECHAT.md section 2.5). What a second delete gets is not written: one
 * of these may be the answer to a message that is gone already, so mass/get is asked.
 */
const OF_STATE: readonly number[] = [40059, 40065, 40204];

/**
 * Takes one message back. Before a call that may have been made before, or that may not be needed, mass/get is asked
 * whether the message is gone; while others of its articles are there it can't tell of a single one, so that call is
 * made once more.
 */
export function createRecallMessage(parts: Parts) {
  const { massOf, massDeskOf, recalls, call, remedyOf, sendTimeoutMs, clock } = parts;

  return async (
    account: Account,
    of: { campaign: Campaign; message: Recallable; articleIdx: number; lookFirst: boolean },
  ): Promise<Deleted> => {
    const { articleIdx, message, campaign } = of;
    const address = { account: account.id, campaign: campaign.id, number: message.number };
    const name = `${batchId(campaign.id, message.number)}/${articleIdx}`;
    const until = clock.now() + REQUESTS * sendTimeoutMs + MARGIN_MS;
    const { word, busyUntil } = await recalls.begin(address, { articleIdx, until }, clock.now());
    if (word === "done" || word === "gone") return { kind: "done" };
    if (word === "busy") {
      const said = { message: "Another call takes this message back now." };
      return stop("under-way", said, new Date(busyUntil).toISOString());
    }

    const end = (outcome: "done" | "doubt" | "free") =>
      recalls.end(address, { articleIdx, word: outcome }, clock.now());
    try {
      if ((word === "doubt" || of.lookFirst) && (await isGone())) {
        await end("done");
        return { kind: "done" };
      }
      const unit = { api: "delete", name } as const;
      const index = articleIdx === WHOLE ? {} : { articleIdx };
      const reply = await call(account, unit, () =>
        massDeskOf(account.id).delete({ msgId: message.msgId, ...index }),
      );
      switch (reply.kind) {
        case "done":
          await end("done");
          return { kind: "done" };
        case "unclear":
          await end("doubt");
          return stop("unclear", reply.error);
        case "never-left":
          await end("free");
          return stop("unreachable", reply.error);
        case "not-now":
          await end("free");
          return stop(reply.wait, reply.error);
        case "refused":
          return await refused(reply.error);
      }
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== "QUOTA_SPENT") throw error;
      await end("free");
      const { reason, until } = error.details;
      return stop(String(reason), { message: error.message, ...error.details }, String(until));
    }

    async function refused(said: Said): Promise<Deleted> {
      const { errcode } = said;
      if (errcode !== undefined && OF_STATE.includes(errcode) && (await isGone())) {
        await end("done");
        return { kind: "done" };
      }
      await recalls.end(address, { articleIdx, word: "refused", trouble: troubleIn(said) }, clock.now());
      return { kind: "refused" };
    }

    /** Costs a place in the minute, and of the budget over all calls. What is not clear is not gone. */
    async function isGone(): Promise<boolean> {
      const asked = await call(account, { api: "status", name: `${name}/${clock.now()}` }, async () => {
        const poll = await massOf(account.id).get(message.msgId);
        const counted: CountedReply<boolean> =
          poll.kind === "status"
            ? { kind: "done", value: poll.status === "DELETE", requests: 1 }
            : { ...poll, requests: 1 };
        return counted;
      });
      return asked.kind === "done" && asked.value;
    }
  };

  function troubleIn({ errcode, message, rid }: Said, code = "RECALL_REFUSED"): Trouble {
    const remedy = errcode === undefined ? undefined : remedyOf(errcode);
    return {
      code,
      ...(errcode !== undefined && { errcode }),
      message,
      ...(rid && { rid }),
      ...(remedy && { remedy }),
    };
  }

  function stop(reason: string, said: Said, until?: string): Deleted {
    const trouble = troubleIn(said, "RECALL_STOPPED");
    return { kind: "stop", stop: { reason, ...(until !== undefined && { until }), trouble } };
  }
}
