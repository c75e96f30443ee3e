import type { Clock } from "../clock.ts";
import type { Logger } from "../log.ts";
import { massResultRequest } from "./callback-request.ts";
import { createConfirmations } from "./confirmations.ts";
import { type Course, plotCourse, unconfirmed } from "./course.ts";
import type { JobFaults } from "./faults.ts";
import { followerOpenid, type Outcome } from "./followers.ts";
import type { createIds } from "./ids.ts";
import { count, howMany, type Job, packRecipients } from "./job.ts";
import { takeBackToAll } from "./publishing.ts";
import { createPush } from "./push.ts";
import type { Draw } from "./random.ts";
import type { Schedule } from "./schedule.ts";
import type { Settings } from "./settings.ts";
import type { AccountWorld } from "./world.ts";

/** A message as it was found good. */
type Message = Pick<Job, "api" | "toAll" | "msgtype" | "text" | "clientmsgid" | "material" | "articles"> & {
  openids: readonly string[];
  /** It goes out only when the account's administrator has said yes. */
  confirmed: boolean;
  /** The msg_data_id under which the same articles were sent before: their links stay. */
  sentBefore: number | undefined;
  ignoreReprint: boolean;
};

export type Jobs = ReturnType<typeof createJobs>;

/** Carries accepted mass messages to their end and tells the account's server about it. */
export function createJobs(options: {
  settings: Settings;
  callbackBase: () => string;
  clock: Clock;
  schedule: Schedule;
  draw: Draw;
  nextIds: ReturnType<typeof createIds>;
  log: Logger;
}) {
  const { settings, callbackBase, clock, schedule, draw, nextIds, log } = options;
  const push = createPush({ settings, clock, schedule });
  const confirmations = createConfirmations({ clock, schedule });

  const tell = async (world: AccountWorld, job: Job, course: Course): Promise<void> => {
    const request = massResultRequest({
      account: world.account,
      mode: settings.callbackMode,
      base: callbackBase(),
      follower: followerOpenid(world.account.id, 0),
      now: clock.now(),
      job,
      course,
    });
    const tellOnce = () =>
      push(request, (attempt) => {
        job.callbacks.push(attempt);
        const { answer } = attempt;
        log.debug({ account: world.account.id, msgId: String(job.msgId), answer }, "A result was pushed.");
      });
    await Promise.all(Array.from({ length: course.copies }, tellOnce));
  };

  const end = async (world: AccountWorld, job: Job, course: Course): Promise<void> => {
    const sent = course.status === "send success";
    job.status = course.pollStatus;
    job.result = course.status;
    job.endedAt = clock.now();
    if (job.toAll && !sent) takeBackToAll(world, job.acceptedAt);
    const { material, msgDataId } = job;
    if (sent && material !== undefined && msgDataId !== undefined) world.media.spend(material, msgDataId);
    await tell(world, job, course);
  };

  const endLater = (world: AccountWorld, job: Job, course: Course): void => {
    const { delayMs } = course;
    if (delayMs === null) return;
    schedule.run(async () => {
      await schedule.wait(delayMs);
      await end(world, job, course);
    });
  };

  const confirmLater = (world: AccountWorld, job: Job, openids: readonly string[], course: Course): void => {
    schedule.run(async () => {
      const verdict = await confirmations.ask(world, job);
      if (verdict !== "approved") return end(world, job, unconfirmed(course, verdict));
      const listIsKept = job.recipients !== undefined;
      noteOutcomes(job, openids, sendTo(world, openids, course));
      if (!listIsKept) job.recipients = undefined;
      endLater(world, job, { ...course, from: "acceptance" });
    });
  };

  return {
    /** The message of an account that waits for its administrator, if there is one. */
    waitingFor: confirmations.find,
    decide: confirmations.decide,

    /**
     * Accepts a message: from here on it is sent, whatever happens to the answer. `beforeReply` is to be
     * waited for before that goes out, `afterReply` to be called when it is out.
     */
    accept(world: AccountWorld, message: Message, faults: JobFaults) {
      const { openids, confirmed, sentBefore, ignoreReprint, ...rest } = message;
      const original = { article: message.articles > 0, ignoreReprint };
      const course = plotCourse(faults, draw(settings.callbackDelayMs), original);
      const { msgId, msgDataId: newDataId } = nextIds(message);
      const msgDataId = original.article ? (sentBefore ?? newDataId) : undefined;
      const job: Job = {
        ...rest,
        msgId,
        msgDataId,
        deletedArticles: new Set(),
        size: openids.length,
        acceptedAt: clock.now(),
        counts: { total: 0, filter: 0, sent: 0, error: 0 },
        duplicates: 0,
        recipients: undefined,
        status: "SENDING",
        result: undefined,
        endedAt: undefined,
        callbacks: [],
      };
      const stopped = () => openids.map((): Outcome => "stopped");
      noteOutcomes(job, openids, confirmed ? stopped() : sendTo(world, openids, course));
      world.books.addJob(job);
      log.info(
        { account: world.account.id, msgId: String(msgId), recipients: job.size },
        "A mass message was accepted.",
      );
      if (confirmed) confirmLater(world, job, openids, course);
      else if (course.from === "acceptance") endLater(world, job, course);
      return {
        msgId,
        msgDataId,
        async beforeReply(): Promise<void> {
          if (!confirmed && course.from === "before-reply") await end(world, job, course);
        },
        afterReply(): void {
          if (!confirmed && course.from === "after-reply") endLater(world, job, course);
        },
      };
    },
  };
}

function noteOutcomes(job: Job, openids: readonly string[], what: readonly Outcome[]): void {
  job.counts = count(what);
  job.duplicates = howMany(what, "duplicate");
  job.recipients = packRecipients(openids, what);
}

function sendTo({ followers }: AccountWorld, openids: readonly string[], { status }: Course): Outcome[] {
  if (status.startsWith("err(")) return openids.map(() => "stopped");
  return followers.send(openids, status === "send success");
}
