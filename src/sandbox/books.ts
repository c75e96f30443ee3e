import type { Job } from "./job.ts";

const mostJobs = 5000;
const mostRecipients = 3_000_000;
const mostRefusals = 1000;
const mostPreviews = 1000;

export type RefusedCall = {
  at: number;
  api: string;
  errcode: number;
  clientmsgid: string | undefined;
};

/** A message that one person saw before it was sent. */
export type Preview = { at: number; to: string; msgtype: string; text: string | undefined };

export type Books = ReturnType<typeof createBooks>;

/**
 * What one account sent and was refused, as the fake saw it: what tests hold a client's own story against.
 * Bounded: of very many jobs the oldest lose their lists first, then go.
 */
export function createBooks() {
  const jobs = new Map<bigint, Job>();
  const refusals: RefusedCall[] = [];
  const previews: Preview[] = [];
  const totals = {
    calls: 0,
    /** By API, also those that a fault then kept from taking effect. */
    arrived: {} as Record<string, number>,
    accepted: 0,
    refused: {} as Record<string, number>,
    /** Pictures for the inside of articles. */
    articleImages: 0,
  };
  let recipientsKept = 0;

  const forgetList = (job: Job) => {
    recipientsKept -= job.recipients?.size ?? 0;
    job.recipients = undefined;
  };

  return {
    addJob(job: Job): void {
      jobs.set(job.msgId, job);
      totals.accepted += 1;
      recipientsKept += job.recipients?.size ?? 0;
      for (const old of jobs.values()) {
        if (recipientsKept <= mostRecipients) break;
        forgetList(old);
      }
      const [oldest] = jobs.values();
      if (jobs.size > mostJobs && oldest !== undefined) {
        forgetList(oldest);
        jobs.delete(oldest.msgId);
      }
    },

    addArrival(api: string): void {
      totals.arrived[api] = (totals.arrived[api] ?? 0) + 1;
    },

    addCall(api: string, at: number, errcode: number, clientmsgid: string | undefined): void {
      totals.calls += 1;
      if (errcode === 0) return;
      totals.refused[errcode] = (totals.refused[errcode] ?? 0) + 1;
      refusals.push({ at, api, errcode, clientmsgid });
      if (refusals.length > mostRefusals) refusals.shift();
    },

    addPreview(preview: Preview): void {
      previews.push(preview);
      if (previews.length > mostPreviews) previews.shift();
    },

    addArticleImage(): void {
      totals.articleImages += 1;
    },

    find: (msgId: bigint) => jobs.get(msgId),
    all: (): Iterable<Job> => jobs.values(),

    /** Everything but the people. */
    list() {
      return {
        totals: { ...totals, jobsKept: jobs.size },
        jobs: [...jobs.values()].map(describe),
        refusals: refusals.map(({ at, ...rest }) => ({ at: iso(at), ...rest })),
        previews: previews.map(({ at, to, ...rest }) => ({ at: iso(at), to: mask(to), ...rest })),
      };
    },

    /** The list of one job; undefined when it is forgotten, or there is no such job. */
    listOf: (msgId: string) => {
      const recipients = [...jobs.values()].find((job) => String(job.msgId) === msgId)?.recipients;
      return recipients && [...recipients.entries()];
    },

    /** In which jobs a person was named, and what became of it each time. */
    recipient(openid: string) {
      const entries = [...jobs.values()].flatMap((job) =>
        (job.recipients?.outcomesOf(openid) ?? []).map((outcome) => ({ ...describe(job), outcome })),
      );
      const sent = entries.filter(({ outcome }) => outcome === "sent").length;
      return { openid, times: entries.length, sent, jobs: entries };
    },

    /** `sentTwice` counts people whom accepted jobs named more than once, whatever became of it. */
    summary() {
      const times = new Map<string, number>();
      let recipients = 0;
      let listsForgotten = totals.accepted - jobs.size;
      for (const job of jobs.values()) {
        if (job.recipients === undefined) listsForgotten += 1;
        for (const openid of job.recipients?.openids() ?? []) {
          recipients += 1;
          times.set(openid, (times.get(openid) ?? 0) + 1);
        }
      }
      const sentTwice = [...times.values()].filter((count) => count > 1).length;
      return { jobs: totals.accepted, recipients, distinct: times.size, sentTwice, listsForgotten };
    },
  };
}

function describe(job: Job) {
  return {
    msg_id: String(job.msgId),
    msg_data_id: job.msgDataId === undefined ? undefined : String(job.msgDataId),
    api: job.api,
    toAll: job.toAll,
    clientmsgid: job.clientmsgid,
    msgtype: job.msgtype,
    text: job.text,
    material: job.material,
    articles: job.articles,
    deletedArticles: [...job.deletedArticles],
    size: job.size,
    status: job.status,
    result: job.result,
    counts: job.counts,
    duplicates: job.duplicates,
    acceptedAt: iso(job.acceptedAt),
    endedAt: job.endedAt === undefined ? undefined : iso(job.endedAt),
    callbacks: job.callbacks.map(({ at, answer }) => ({ at: iso(at), answer })),
  };
}

/** Enough of a name to tell it from others. */
function mask(name: string): string {
  return `${name.slice(0, 6)}…`;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
