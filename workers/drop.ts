import { type Batch, batchId, type Trouble } from "../src/campaign/batch.ts";
import type { Campaign } from "../src/campaign/campaign.ts";
import type { Clock } from "../src/clock.ts";
import type { Queues } from "../src/queues/queues.ts";
import type { Batches, End } from "../src/store/batches.ts";

type Parts = {
  readonly batches: Batches;
  readonly queues: Pick<Queues, "wakeBatch">;
  /** How long the next turn of an account lasts that a dropped batch gives up. */
  readonly leaseMs: number;
  readonly clock: Clock;
};

/**
 * Ends the batches of a campaign that are not to be called any more. What a call is under way for is left to
 * its own job until that has settled: `begin` refuses it then. Each answers whether there was any to end.
 */
export function createDrop({ batches, queues, leaseMs, clock }: Parts) {
  return {
    /** The message itself was refused: what has not been called fails without a call. */
    refused(campaign: Campaign, all: readonly Batch[]): Promise<boolean> {
      const uncalled = all.filter(({ state, calls }) => state === "planned" && calls === 0);
      return drop(campaign, uncalled, (inDoubt) => endFor("campaign", campaign, inDoubt));
    },

    /** The account's trouble has lasted too long for the batch that the others are held back for: they end with it. */
    async held(campaign: Campaign, all: readonly Batch[]): Promise<boolean> {
      const { hold, firstBatch = 1 } = campaign;
      const first = all.find(({ number }) => number === firstBatch);
      if (!hold || first?.state !== "failed" || first.closedBy !== "account" || !first.trouble) return false;
      const { trouble } = first;
      return drop(campaign, all.filter(isUnsent), () => ({ state: "failed", by: "account", trouble }));
    },

    /** The campaign is canceled: what was not sent is canceled, what is in doubt goes to a person. */
    canceled(campaign: Campaign, all: readonly Batch[]): Promise<boolean> {
      const why = campaign.reason === "DEADLINE" ? "deadline" : "cancel";
      return drop(campaign, all.filter(isUnsent), (inDoubt, { wait }) =>
        endFor(why, campaign, inDoubt, wait),
      );
    },
  };

  async function drop(
    { account, id }: Campaign,
    some: readonly Batch[],
    endOf: (inDoubt: boolean, batch: Batch) => Pick<End, "state" | "by" | "trouble">,
  ): Promise<boolean> {
    for (const batch of some) {
      const { number, doubtSince } = batch;
      const end = { ...endOf(doubtSince !== undefined, batch), leaseMs, now: clock.now() };
      const { next } = await batches.drop({ account, campaign: id, number }, end);
      if (next !== "") await queues.wakeBatch(next);
      await queues.wakeBatch(batchId(id, number));
    }
    return some.length > 0;
  }
}

export type Drop = ReturnType<typeof createDrop>;

/** Why no further call is made for a batch. */
export type DropReason = "campaign" | "cancel" | "deadline" | "month";

const ENDS: Readonly<
  Record<Exclude<DropReason, "campaign">, { code: string; unsent: string; when: string }>
> = {
  cancel: {
    code: "CANCELED",
    unsent: "The campaign was canceled.",
    when: "the campaign was canceled",
  },
  deadline: {
    code: "DEADLINE",
    unsent: "It was not sent by the campaign's deadline.",
    when: "the campaign's deadline passed",
  },
  month: {
    code: "MONTH",
    unsent: "It was not sent in the month of its reservations.",
    when: "the month of its reservations ended",
  },
};

const REFUSE_IT = "An administrator was asked to confirm it: let them refuse, or it may still be sent.";

/**
 * How a batch ends that is dropped. Of one in doubt nobody knows whether it was sent: a person has to look. What an
 * administrator was asked about may still go out if they agree.
 */
export function endFor(
  why: DropReason,
  { refused }: Pick<Campaign, "refused">,
  inDoubt: boolean,
  wait?: Batch["wait"],
): Pick<End, "state" | "by" | "trouble"> {
  if (why === "campaign") {
    const trouble = refused ?? { code: "REFUSED", message: "the message was refused" };
    return { state: "failed", by: why, trouble };
  }
  const { code, unsent, when } = ENDS[why];
  const trouble: Trouble = inDoubt
    ? {
        code,
        message: `A call was in doubt when ${when}: it is not asked again.`,
        remedy: "Look in WeChat's console whether it was sent.",
      }
    : { code, message: unsent, ...(wait?.reason === "admin-confirmation" && { remedy: REFUSE_IT }) };
  return { state: "canceled", by: why, trouble };
}

/** No call is under way for it, and WeChat has not said that it has it. */
export function isUnsent({ state }: Batch): boolean {
  return state === "planned" || state === "unknown";
}
