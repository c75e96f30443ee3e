import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { Failure } from "../../src/failure.ts";
import type { Api } from "./api.ts";
import { type ChaosCampaign, campaignIn, peopleOf } from "./campaigns.ts";
import * as evidence from "./evidence.ts";

/** Of each campaign, people whom no message names, and some whom one does, are asked for one by one. */
const FATES_UNSENT = 20;
const FATES_SENT = 5;

/** WeChat's own month, which the accounts have. */
const PER_USER_PER_MONTH = 4;

const QUIET_MS = 3_000;
const QUIET_WITHIN_MS = 60_000;

type Sources = { readonly api: Api; readonly sandbox: Api };

/** Waits until WeChat has no message under way and nothing more to tell, and a little longer. */
export async function untilQuiet(sandbox: Api, accounts: readonly string[]) {
  let last = "";
  let since = Date.now();
  for (const deadline = Date.now() + QUIET_WITHIN_MS; Date.now() < deadline; await sleep(250)) {
    const books = await Promise.all(
      accounts.map((account) => sandbox.get(`/sandbox/books/${account}`, evidence.Books)),
    );
    const jobs = books.flatMap((book) => book.jobs);
    const now = JSON.stringify(jobs);
    if (now !== last) since = Date.now();
    last = now;
    if (Date.now() - since >= QUIET_MS && jobs.every(({ status }) => status !== "SENDING")) return;
  }
  throw new Failure("INTERNAL", "WeChat does not come to rest");
}

/** All that is known of one account, from the sandbox's books and from the API. */
export async function gatherAccount(
  sources: Sources,
  account: string,
  plan: {
    readonly campaigns: readonly ChaosCampaign[];
    readonly followers: readonly string[];
    readonly sendCallsPerDay: number;
    readonly callsLostMost: number;
  },
): Promise<evidence.AccountEvidence> {
  const { api, sandbox } = sources;
  const { totals, jobs } = await sandbox.get(`/sandbox/books/${account}`, evidence.Books);
  const deliveries: evidence.Delivery[] = [];
  for (const job of jobs) {
    const path = `/sandbox/books/${account}/jobs/${job.msg_id}/recipients`;
    const { recipients } = await sandbox.get(path, evidence.JobList);
    const [openids, outcomes] = [recipients.map((one) => one.openid), recipients.map((one) => one.outcome)];
    deliveries.push({ ...job, openids, outcomes });
  }
  const own = plan.campaigns.filter((campaign) => campaign.account === account);
  const campaigns: evidence.CampaignEvidence[] = [];
  for (const campaign of own) {
    const sent = deliveries.filter(({ text }) => campaignIn(text) === campaign.id);
    campaigns.push(await gatherCampaign(api, campaign, peopleOf(campaign, plan.followers), sent));
  }
  const Quota = z.object({ send: z.object({ used: z.number() }) });
  const Caps = z.object({ users: z.record(z.string(), z.number()) });
  return {
    account,
    perUserPerMonth: PER_USER_PER_MONTH,
    sendCallsPerDay: plan.sendCallsPerDay,
    callsLostMost: plan.callsLostMost,
    arrived: totals.arrived["mass/send"] ?? 0,
    refused: totals.refused,
    quotaUsed: (await api.get(`/v1/accounts/${account}/quota`, Quota)).send.used,
    capUsers: (await api.get(`/v1/accounts/${account}/caps`, Caps)).users,
    campaigns,
    strangers: deliveries.filter(({ text }) => !own.some(({ id }) => id === campaignIn(text))),
  };
}

async function gatherCampaign(
  api: Api,
  { id, duplicates, invalid }: ChaosCampaign,
  people: readonly string[],
  deliveries: readonly evidence.Delivery[],
): Promise<evidence.CampaignEvidence> {
  const { report } = await api.get(`/v1/campaigns/${id}`, evidence.ShownCampaign);
  if (!report) throw new Failure("INTERNAL", `${id} has no report`);
  const batches = await api.list(`/v1/campaigns/${id}/batches`, evidence.ShownBatch);
  const sent = new Set(deliveries.flatMap(({ openids }) => openids));
  const asked = [
    ...some(
      people.filter((openid) => !sent.has(openid)),
      FATES_UNSENT,
    ),
    ...some([...sent], FATES_SENT),
  ];
  const fates = await Promise.all(
    asked.map((openid) => api.get(`/v1/campaigns/${id}/recipients/${openid}`, evidence.Fate)),
  );
  return { id, people, duplicates, invalid, report, batches, fates, deliveries };
}

/** So many of them, evenly spread. */
function some(people: readonly string[], count: number): string[] {
  const step = Math.max(1, Math.ceil(people.length / count));
  return people.filter((_, at) => at % step === 0);
}
