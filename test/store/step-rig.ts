import type { Campaign } from "../../src/campaign/campaign.ts";
import { createLogger } from "../../src/log.ts";
import type { Queues } from "../../src/queues/queues.ts";
import type { JobView } from "../../src/queues/worker.ts";
import { createAnnounce } from "../../workers/announce.ts";
import { createBatchStep } from "../../workers/batch.ts";
import { createDrop } from "../../workers/drop.ts";
import { createEnqueue } from "../../workers/enqueue.ts";
import { createSend } from "../../workers/send.ts";
import { createSettle } from "../../workers/settle.ts";
import { giveBackOf } from "./plan-rig.ts";
import { hour, type Rig, timing } from "./rig.ts";

export const silent = createLogger("silent");

/** A job that nobody looks at. */
export const view = {
  note: async () => {},
  report: async () => {},
  replaceData: async () => {},
  progress: {},
} as unknown as JobView;

/** Queues without a worker: what was woken is remembered. */
export function createStillQueues() {
  const woken: string[] = [];
  const queues = {
    addBatches: async () => {},
    wakeBatch: async (id: string) => void woken.push(id),
    wakeCampaign: async (id: string) => void woken.push(id),
    restoreBatch: async () => false,
    restoreCampaign: async () => false,
    restoreReading: async () => false,
    restoreNotification: async ({ campaign, revision }) => woken.push(`${campaign}~${revision}`) > 0,
  } satisfies Partial<Queues>;
  return { queues, woken };
}

/** The settle step as `compose.ts` wires it, on queues without a worker. */
export function settleOf(rig: Rig, { queues } = createStillQueues()) {
  const parts = { ...rig, queues };
  return createSettle({
    ...parts,
    enqueue: createEnqueue(parts),
    drop: createDrop({ ...parts, leaseMs: timing.leaseMs }),
    giveBack: giveBackOf(rig),
    announce: createAnnounce(parts),
  });
}

/** One look of a campaign's job at its batches. */
export async function lookAgain(rig: Rig, campaign: Campaign, settle = settleOf(rig)) {
  return settle.settle(await rig.campaigns.get(campaign), view);
}

/** The batch step of a worker that makes no call, whatever it meets. */
export function batchStepOf(rig: Rig, queues = createStillQueues().queues) {
  return createBatchStep({
    ...rig,
    send: createSend({
      ...rig,
      wechatOf: () => {
        throw new Error("no call is to be made");
      },
      record: async () => "again",
      freshen: async (campaign) => campaign,
      checkMembers: async () => undefined,
      readmit: async () => {},
      wakeBatch: queues.wakeBatch,
      stopping: () => false,
      settings: {
        sendTimeoutMs: timing.settleMs - 60_000,
        resendWaitMs: 60_000,
        resendWindowMs: timing.resendWindowMs,
        giveUpMs: 48 * hour,
      },
    }),
    track: async () => "again",
    wakeCampaign: async () => {},
    wakeEldest: async () => {},
    correct: async () => {},
    stopping: () => false,
  });
}
