import type { Campaign } from "../../src/campaign/campaign.ts";
import { CAP_MAX } from "../../src/campaign/cap.ts";
import { sortOpenIds } from "../../src/campaign/intake.ts";
import type { OpenId } from "../../src/campaign/openid.ts";
import { createLogger } from "../../src/log.ts";
import type { JobView } from "../../src/queues/worker.ts";
import type { Admission } from "../../src/store/audiences.ts";
import type { NewCampaign } from "../../src/store/campaigns.ts";
import { createAdmit } from "../../workers/admit.ts";
import { createExcludeAll, createOpenExclusion } from "../../workers/exclusion.ts";
import { createGiveBack } from "../../workers/give-back.ts";
import { createPlan } from "../../workers/plan.ts";
import { createReadmit } from "../../workers/readmit.ts";
import type { Rig } from "./rig.ts";

export const job = { note: async () => {} } as unknown as JobView;

export const openid = (at: number) => `oAbCdEfGhIjKlMnOpQrSt${String(at).padStart(7, "0")}` as OpenId;

type Excluding = "audiences" | "unfollowed" | "doNotSend" | "lists" | "gathering";
type Parts = Pick<Rig, Excluding | "campaigns" | "batches" | "caps" | "reservations" | "clock">;
type Change = { readonly shards?: number; readonly durableAfterMs?: number };

const limitOf = ({ perUserPerMonth = CAP_MAX }: Campaign) => perUserPerMonth;

/** The plan step on a rig, or on parts that take the place of its own; so many shards in a new month. */
export function planOf(rig: Parts, { shards = 16, durableAfterMs = 0 }: Change = {}) {
  return createPlan({
    ...rig,
    admit: createAdmit({ ...rig, limitOf, openExclusion: openExclusionOf(rig) }),
    openMonth: (account, month) => rig.caps.open({ account, month }, { shards }),
    makeDurable: async () => durableAfterMs,
  });
}

/** Who is left out of a campaign's plan, as `compose-steps.ts` has it. */
export const openExclusionOf = (rig: Pick<Rig, Excluding>) =>
  createOpenExclusion({ ...rig, excludeAll: createExcludeAll(rig) });

export const readmitOf = (rig: Parts, { shards = 16, durableAfterMs = 0 }: Change = {}) =>
  createReadmit({
    makeDurable: async () => durableAfterMs,
    ...rig,
    limitOf,
    openMonth: (account, month) => rig.caps.open({ account, month }, { shards }),
  });

export const giveBackOf = (rig: Parts) => createGiveBack({ ...rig, log: createLogger("silent") });

/** Lets so many of the deeds that it is put around happen; from then on each of them is a crash. */
export function crashAfter(deeds: number) {
  let left = deeds;
  return <Deed extends (...args: never[]) => unknown>(deed: Deed) =>
    ((...args) => {
      if (left-- <= 0) throw new Error("crash");
      return deed(...args);
    }) as Deed;
}

/** Takes a list in as the intake does. */
export async function takeIn(
  rig: Rig,
  id: string,
  entries: readonly unknown[],
  change: Partial<NewCampaign> = {},
): Promise<Campaign> {
  const { valid, invalid } = sortOpenIds(entries);
  const audience = { received: entries.length, invalid: invalid.length };
  const campaign = await rig.prepare(id, {
    chunks: Math.ceil(valid.length / 10_000),
    audience: { ...audience, duplicate: 0, excluded: 0, capped: 0, admitted: 0 },
    ...change,
  });
  await rig.audiences.storeList(campaign, entries);
  return campaign;
}

/** Everybody of every batch, as they would be sent. */
export async function membersOf(rig: Rig, campaign: Campaign): Promise<OpenId[][]> {
  const batches = await rig.batches.of(campaign);
  return Promise.all(batches.map((batch) => rig.audiences.members(campaign, batch)));
}

export function sumsHold({
  received,
  invalid,
  duplicate,
  excluded,
  capped,
  admitted,
}: Campaign["audience"]): boolean {
  return received === invalid + duplicate + excluded + capped + admitted;
}

/** People of one shard, admitted whatever the cap. */
export function admission(shard: number, admitted: readonly OpenId[]): Admission {
  return {
    shard,
    read: { base: 0, version: 0, people: new Map() },
    admitted,
    capped: [],
    excluded: [],
    duplicate: 0,
  };
}
