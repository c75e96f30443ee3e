import { createAdmit } from "../workers/admit.ts";
import { createAwaitLists } from "../workers/await-lists.ts";
import { createBatchStep } from "../workers/batch.ts";
import { createDeliver } from "../workers/callback.ts";
import { createCampaignStep } from "../workers/campaign.ts";
import { createCampaignMedia } from "../workers/campaign-media.ts";
import { createAudienceCensus } from "../workers/census.ts";
import { createCheckMembers } from "../workers/check-members.ts";
import { createContent } from "../workers/content.ts";
import type { FileParts } from "../workers/content-file.ts";
import { createCountSegment } from "../workers/count-segment.ts";
import { createAddList } from "../workers/do-not-send-list.ts";
import { createDrop } from "../workers/drop.ts";
import { createEnqueue } from "../workers/enqueue.ts";
import { createExcludeAll, createOpenExclusion } from "../workers/exclusion.ts";
import { createForgetList } from "../workers/forget-list.ts";
import { createGather, createReadMembers } from "../workers/gather.ts";
import { createGiveBack } from "../workers/give-back.ts";
import { createIntake } from "../workers/intake.ts";
import { createMakeContent } from "../workers/make-content.ts";
import { createMove } from "../workers/move.ts";
import { createOpenMonth } from "../workers/open-month.ts";
import { createOutcome } from "../workers/outcome.ts";
import { createPassEvent } from "../workers/pass-event.ts";
import { createPlan } from "../workers/plan.ts";
import { createPrepare } from "../workers/prepare.ts";
import { createReadAudience } from "../workers/read-audience.ts";
import { createReadmit } from "../workers/readmit.ts";
import { createReconcile } from "../workers/reconcile.ts";
import { createSchedule } from "../workers/schedule.ts";
import { createSend, type SendSettings, type Wechat } from "../workers/send.ts";
import { leaseMs } from "../workers/send-limits.ts";
import { createSettle, type OnClose } from "../workers/settle.ts";
import { createTakeIn } from "../workers/take-in.ts";
import { createTrack } from "../workers/track.ts";
import { createWake } from "../workers/wake.ts";
import type { Account } from "./campaign/account.ts";
import type { Campaign } from "./campaign/campaign.ts";
import { capOf } from "./campaign/cap.ts";
import type { Cut } from "./campaign/cut.ts";
import type { NotifyFault } from "./campaign/notification.ts";
import type { Clock } from "./clock.ts";
import { createTelling } from "./compose-notify.ts";
import type { Logger } from "./log.ts";
import { type Queues, ReadPayload } from "./queues/queues.ts";
import type { JobView } from "./queues/worker.ts";
import { createAudiences } from "./store/audiences.ts";
import { createBatches } from "./store/batches.ts";
import { createBlocks } from "./store/blocks.ts";
import type { Calls } from "./store/calls.ts";
import { createCampaigns } from "./store/campaigns.ts";
import { createCaps } from "./store/caps.ts";
import { createContents } from "./store/contents.ts";
import { createDoNotSend } from "./store/do-not-send.ts";
import { createGathering } from "./store/gathering.ts";
import type { Keys } from "./store/keys.ts";
import { createLists } from "./store/lists.ts";
import { createLook } from "./store/look.ts";
import { createMediaMemory } from "./store/media-memory.ts";
import { createMoves } from "./store/moves.ts";
import { createQuotas } from "./store/quotas.ts";
import { createReadings } from "./store/readings.ts";
import { createReservations } from "./store/reservations.ts";
import type { RedisClient } from "./store/script.ts";
import { createSeenEvents } from "./store/seen-events.ts";
import { createUnfollowed } from "./store/unfollowed.ts";
import { errcodeOf } from "./wechat/errcodes.ts";
import type { Tags } from "./wechat/tags.ts";

type Settings = SendSettings & {
  readonly pollMs: readonly number[];
};

type LedgerParts<SomeQueues extends JobQueues> = {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly queues: SomeQueues;
  readonly accounts: readonly Account[];
  readonly settings: Pick<Settings, "sendTimeoutMs">;
  readonly onClose?: OnClose | undefined;
  readonly notifyFault: NotifyFault;
  readonly clock: Clock;
  readonly log: Logger;
};

/** What the steps ask of the queues. */
export type JobQueues = Pick<
  Queues,
  | "addBatches"
  | "wakeBatch"
  | "wakeCampaign"
  | "restoreBatch"
  | "restoreCampaign"
  | "restoreReading"
  | "restoreNotification"
  | "cleanJobs"
  | "cleanEvents"
  | "addEvent"
  | "findCampaign"
  | "hasCampaign"
  | "addCampaign"
>;

/** What server and worker share: the ledger, how its changes wake jobs, and how a campaign is added up. */
export function createLedger<SomeQueues extends JobQueues>(of: LedgerParts<SomeQueues>) {
  const { redis, keys, queues, accounts, settings, notifyFault, clock, log } = of;
  const caps = createCaps(redis, keys);
  const lists = createLists(redis, keys);
  const parts = {
    ...{ redis, keys, queues, clock, log, caps, lists, notifyFault },
    ...createTelling(of),
    campaigns: createCampaigns(redis, keys),
    batches: createBatches(redis, keys),
    audiences: createAudiences(redis, keys),
    contents: createContents(redis, keys),
    gathering: createGathering(redis, keys),
    readings: createReadings(redis, keys, lists),
    doNotSend: createDoNotSend(redis, keys),
    reservations: createReservations(redis, keys, caps),
    moves: createMoves(redis, keys),
    unfollowed: createUnfollowed(redis, keys),
  };
  const excludeAll = createExcludeAll(parts);
  return {
    ...parts,
    excludeAll,
    /** Who is left out of a campaign's plan. */
    openExclusion: createOpenExclusion({ ...parts, excludeAll }),
    accounts: new Map<string, Account>(accounts.map((account) => [account.id, account])),
    wake: createWake(parts),
    settle: createSettle({
      ...parts,
      enqueue: createEnqueue(parts),
      drop: createDrop({ ...parts, leaseMs: leaseMs(settings) }),
      giveBack: createGiveBack(parts),
      onClose: of.onClose,
    }),
  };
}

export type Ledger = ReturnType<typeof createLedger<JobQueues>>;

type WorkerParts = {
  readonly settings: Settings;
  readonly wechatOf: (account: string) => Wechat & { readonly tags: Pick<Tags, "list"> };
  /** Where content comes from. */
  readonly files: Pick<FileParts, "fetchUrl" | "readUpload">;
  readonly calls: Calls;
  /** Until when the data of a restored backup had been alive: `workers/beat.ts`. */
  readonly restoredFrom: () => Promise<number>;
  readonly makeDurable: () => Promise<number>;
  /** Removes what is past its retention. */
  readonly retireAll: () => Promise<unknown>;
  /** Whether this process is on its way out. */
  readonly stopping: () => boolean;
  /** Told how many jobs the reconciler has given back. */
  readonly onRepairs?: (count: number) => void;
  /** How admitted people are cut into batches; smaller ones are given by tests. */
  readonly cut?: (shardLengths: readonly number[]) => Cut[];
};

/** A worker's steps, one a queue: pure wiring, whoever runs the jobs. */
export function createWorkerSteps(ledger: Ledger, of: WorkerParts) {
  const { settings, wechatOf, files, calls, restoredFrom, makeDurable, retireAll } = of;
  const { redis, keys, queues, gathering, wake, settle, clock } = ledger;
  const openMonth = createOpenMonth({
    ...ledger,
    countFollowers: (account) => wechatOf(account).followers.count(),
  });
  const limitOf = (campaign: Campaign) => capOf(wechatOf(campaign.account).account, campaign);
  const remedyOf = (errcode: number) => errcodeOf(errcode).remedy;
  const shares = { ...ledger, ...of, openMonth, limitOf, remedyOf, wakeBatch: queues.wakeBatch };
  const reconcile = createReconcile({
    ...shares,
    correct: settle.correct,
    accounts: [...ledger.accounts.keys()],
    leaseMs: leaseMs(settings),
  });
  const accountOf = (account: string) => wechatOf(account).account;
  const content = createContent({
    ...ledger,
    ...files,
    mediaOf: (account) => wechatOf(account).media,
    memory: createMediaMemory(redis, keys),
    units: createQuotas(redis, keys),
    remedyOf,
  });
  const media = createCampaignMedia({ ...ledger, accountOf, content });
  const readMembers = createReadMembers({ gathering, wechatOf });
  const readAudience = createReadAudience({ ...ledger, wechatOf, remedyOf });
  /** First what sleeps and should not, then what is past its retention. */
  const reconcileAll = async () => {
    const mended = await reconcile();
    await retireAll();
    return mended;
  };
  let reconciling: ReturnType<typeof reconcileAll> | undefined;
  return {
    campaign: createCampaignStep({
      prepare: createPrepare({ ...ledger, restoredFrom }),
      makeContent: createMakeContent({ ...ledger, accountOf, content }),
      schedule: createSchedule(ledger),
      gather: createGather({ ...ledger, readMembers, awaitLists: createAwaitLists(ledger), remedyOf }),
      count: createCountSegment({ ...shares, readMembers }),
      plan: createPlan({ ...shares, admit: createAdmit(shares) }),
      settle: settle.settle,
      announce: ledger.announce,
    }),
    batch: createBatchStep({
      ...shares,
      look: createLook(redis, keys),
      send: createSend({
        ...shares,
        blocks: createBlocks(redis, keys),
        record: createOutcome({
          calls,
          tokenOf: (account) => wechatOf(account).token,
          remedyOf,
          replaceMedia: media.replace,
          wakeBatch: queues.wakeBatch,
          resendWaitMs: settings.resendWaitMs,
          clock,
        }),
        freshen: media.freshen,
        checkMembers: createCheckMembers({
          ...shares,
          describe: (account, openids) => wechatOf(account).followers.describe(openids),
        }),
        readmit: createReadmit({ ...shares, makeDurable }),
      }),
      track: createTrack(shares),
      wakeCampaign: wake.campaign,
      wakeEldest: wake.eldestInDoubt,
      correct: settle.correct,
    }),
    reconcile: reconcileAll,
    /** A job of the queue `reconcile`: that, or the reading of a list of followers. */
    chore: ({ data }: Pick<JobView, "data">) => {
      const reading = ReadPayload.safeParse(data);
      if (reading.success) return readAudience(reading.data.read);
      // One that takes longer than its period is not begun twice in a process.
      reconciling ??= reconcileAll().finally(() => {
        reconciling = undefined;
      });
      return reconciling;
    },
  };
}

type ListParts = Pick<Ledger, "lists" | "readings" | "doNotSend" | "campaigns" | "clock"> & {
  readonly queues: Pick<Queues, "hasCampaign" | "restoreReading">;
};

/** What server and command line do with stored lists. */
export function createListSteps(parts: ListParts) {
  const { readings, queues, clock } = parts;
  return {
    forgetList: createForgetList(parts),
    addToDoNotSend: createAddList(parts),
    /** Begins a list of followers; without its job, should Redis go away now, the reconciler gives it one. */
    startReading: async (of: Parameters<Ledger["readings"]["begin"]>[0]) => {
      const list = await readings.begin(of, clock.now());
      await queues.restoreReading(list.id, async () => true);
      return list;
    },
  };
}

type ServerParts = {
  readonly settings: Pick<Settings, "sendTimeoutMs">;
  readonly restoredFrom: () => Promise<number>;
  readonly wait?: (ms: number) => Promise<unknown>;
};

/** What reaches the ledger through the server: people's moves and WeChat's results. */
export function createServerSteps(ledger: Ledger, { settings, restoredFrom, wait }: ServerParts) {
  const { sendTimeoutMs } = settings;
  return {
    moves: createMove({ ...ledger, sendTimeoutMs, ...(wait && { wait }) }),
    deliver: createDeliver({
      ...ledger,
      passEvent: createPassEvent({ ...ledger, seenEvents: createSeenEvents(ledger.redis, ledger.keys) }),
      correct: ledger.settle.correct,
    }),
    ...createListSteps(ledger),
    takeIn: createTakeIn({ ...ledger, intake: createIntake({ ...ledger, restoredFrom }) }),
    countAudience: createAudienceCensus(ledger),
  };
}
