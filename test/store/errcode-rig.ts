import { Account } from "../../src/campaign/account.ts";
import { batchId } from "../../src/campaign/batch.ts";
import { monthOf } from "../../src/campaign/calendar.ts";
import type { CampaignId } from "../../src/campaign/campaign-id.ts";
import { cutBatches } from "../../src/campaign/cut.ts";
import { shownState, waitingOf } from "../../src/campaign/waiting.ts";
import { createReviewDesk } from "../../src/compose-review.ts";
import { createLedger, createServerSteps, createWorkerSteps } from "../../src/compose-steps.ts";
import type { JobView } from "../../src/queues/worker.ts";
import type { BatchAddress } from "../../src/store/keys.ts";
import { createTokens } from "../../src/store/tokens.ts";
import { createAccessToken } from "../../src/wechat/access-token.ts";
import type { Call } from "../../src/wechat/client.ts";
import { createFollowers } from "../../src/wechat/followers.ts";
import { createMass } from "../../src/wechat/mass.ts";
import { createMassDesk } from "../../src/wechat/mass-desk.ts";
import { createMedia } from "../../src/wechat/media.ts";
import { createTags } from "../../src/wechat/tags.ts";
import { openid } from "./plan-rig.ts";
import { account, hour, minute, type Rig } from "./rig.ts";
import { createStillQueues, silent } from "./step-rig.ts";

/** Nothing is fetched, and nothing was uploaded. */
const noFiles = {
  fetchUrl: () => Promise.reject(new Error("no file is fetched here")),
  readUpload: async () => undefined,
};

/** Whom a send goes to: four OpenIDs, which are two batches, or people whom WeChat finds. */
export const audiences = {
  list: { type: "openids", openids: [0, 1, 2, 3].map(openid) },
  tag: { type: "tag", tagId: 100 },
  all: { type: "all" },
} as const;
export type Audience = keyof typeof audiences;

const settings = {
  ...{ sendTimeoutMs: 20_000, resendWaitMs: minute, resendWindowMs: 23 * hour, giveUpMs: 48 * hour },
  pollMs: [minute],
};

/** A worker's and a server's steps as `compose-steps.ts` wires them, on queues without a worker. */
export function openSteps(rig: Rig, kind: "service" | "subscription" = "service") {
  /** What WeChat answers to the next calls of the mass interface; with nothing left it does as it is asked. */
  const answers: object[] = [];
  /** The calls of mass/send and mass/sendall: their bodies. */
  const sends: { clientmsgid: string; send_ignore_reprint: number }[] = [];
  let ids = 1_000;
  const call: Call = async ({ path, body = "{}" }) => {
    if (path.endsWith("/stable_token"))
      return { kind: "answered", body: { access_token: `token-${++ids}`, expires_in: 7_200 } };
    if (path.endsWith("/user/get")) return { kind: "answered", body: { total: 8, count: 0 } };
    if (/\/mass\/send(all)?$/.test(path)) sends.push(JSON.parse(body));
    const usual = { errcode: 0, errmsg: "ok", msg_id: ++ids, msg_status: "SENDING", speed: 0 };
    return { kind: "answered", body: answers.shift() ?? usual };
  };

  const { redis, keys, clock, calls } = rig;
  const own = Account.parse({ id: account, appid: "wx00000000", secret: "s", kind, token: "t" });
  const token = createAccessToken({
    account: own,
    call,
    cache: createTokens(redis, keys),
    clock,
    log: silent,
  });
  const parts = { call, token };
  const media = createMedia({ ...parts, clock });
  const reading = { followers: createFollowers(parts), tags: createTags(parts) };
  const wechat = { account: own, token, media, mass: createMass(parts), ...reading };
  const queues = { ...createStillQueues().queues, cleanJobs: none, cleanEvents: none, addEvent: none };
  const ledger = createLedger({
    ...{ redis, keys, clock, settings, accounts: [own], log: silent, notifyFault: rig.notifyFault },
    queues: { ...queues, hasCampaign: async () => true, findCampaign: none, addCampaign: none } as never,
  });
  const steps = createWorkerSteps(ledger, {
    ...{ settings, calls, wechatOf: () => wechat, stopping: () => false },
    ...{ restoredFrom: async () => 0, makeDurable: async () => 0, retireAll: none, files: noFiles },
    cut: (lengths) => cutBatches(lengths, 2),
  });
  const server = createServerSteps(ledger, { settings, restoredFrom: async () => 0 });

  const jobs = new Map<string, JobView>();
  function jobOf(id: string, data: object): JobView {
    const job = {
      ...{ id, data, timestamp: clock.now(), progress: {}, note: none, report: none },
      replaceData: async (stripped: object) => void Object.assign(job, { data: stripped }),
    };
    return job;
  }
  const address = (id: string, number = 1): BatchAddress => ({ account, campaign: id as CampaignId, number });

  const opened = {
    answers,
    sends,
    ...server,
    desk: createMassDesk(parts),
    review: createReviewDesk({ ...ledger, queues: ledger.queues as never, takeIn: server.takeIn }),
    address,
    /** One run of a campaign's job: the first one takes it in, unless it came by HTTP, and plans it. */
    async campaign(id: string, audience: Audience = "list", more: object = {}) {
      const message = { msgtype: "text", text: { content: id } };
      const asked = { account, message, audience: audiences[audience], ...more };
      const isKnown = (await rig.campaigns.find(id)) !== undefined;
      const job = jobs.get(id) ?? jobOf(id, isKnown ? { account, stored: true } : asked);
      jobs.set(id, job);
      return steps.campaign(job);
    },
    /** One run of a batch's job: until it closes or rests. */
    async batch(id: string, number = 1) {
      const data = { account, campaign: id, number };
      await steps.batch(jobOf(batchId(id as CampaignId, number), data));
      return rig.get(address(id, number));
    },
    /** Takes a campaign in, and makes the call of its first batch, which WeChat answers so. */
    async send(id: string, audience: Audience, ...told: object[]) {
      await opened.campaign(id, audience);
      answers.push(...told);
      return opened.batch(id);
    },
    /** What becomes of a batch that is sent now and accepted if it may be: its state, or what it waits for. */
    async fate(id: string, number = 1): Promise<string> {
      const { state, wait } = await opened.batch(id, number);
      return wait?.reason ?? state;
    },
    /** The campaign as people see it, `until` in words. */
    async shown(id: string) {
      const campaign = await rig.campaigns.get({ account, id: id as CampaignId });
      const batches = await rig.batches.of(campaign);
      const waits = waitingOf(campaign, batches);
      return {
        state: shownState(campaign, batches),
        waits: waits && [waits.reason, opened.inWords(waits.until)],
        why: waits?.trouble?.errcode,
        report: campaign.report && { state: campaign.report.state, reason: campaign.report.reason },
      };
    },
    inWords(until: number | null): string {
      if (until === null) return "a person";
      if (until === rig.limits().dayEndsAt) return "midnight";
      if (until === Date.parse("2031-04-01T00:00:00+08:00")) return "next month";
      return `${(until - clock.now()) / minute} min`;
    },
    /** What the month has counted: for the first one of a batch, and for everybody. */
    async counted(id: string, number = 1) {
      const campaign = await rig.campaigns.get({ account, id: id as CampaignId });
      const [one] = await rig.audiences.members(campaign, await rig.get(address(id, number))).catch(() => []);
      const month = { account, month: monthOf(clock.now()) };
      return one ? rig.caps.used(month, one) : (await rig.caps.histogram(month)).base;
    },
  };
  return opened;
}

export type Steps = ReturnType<typeof openSteps>;

async function none() {}
