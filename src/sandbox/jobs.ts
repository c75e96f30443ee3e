import type { Clock } from "../clock.ts";
import type { Logger } from "../log.ts";
import { massResultRequest } from "./callback-request.ts";
import { type Course, plotCourse } from "./course.ts";
import { deliver } from "./deliver.ts";
import type { JobFaults } from "./faults.ts";
import { followerOpenid, type Outcome } from "./followers.ts";
import type { createIds } from "./ids.ts";
import { count, howMany, type Job, packRecipients } from "./job.ts";
import type { Draw } from "./random.ts";
import type { Schedule } from "./schedule.ts";
import type { Settings } from "./settings.ts";
import type { AccountWorld } from "./world.ts";

const attempts = 3;

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
    const tellOnce = async () => {
      for (let attempt = 1; !schedule.signal.aborted; attempt++) {
        const at = clock.now();
        const answer = await deliver(request, {
          timeoutMs: settings.callbackTimeoutMs,
          signal: schedule.signal,
        });
        job.callbacks.push({ at, answer });
        log.debug(
          { account: world.account.id, msgId: String(job.msgId), attempt, answer },
          "A result was pushed.",
        );
        if (answer === "success" || attempt === attempts) return;
        await schedule.wait(settings.callbackRetryMs);
      }
    };
    await Promise.all(Array.from({ length: course.copies }, tellOnce));
  };

  const end = async (world: AccountWorld, job: Job, course: Course): Promise<void> => {
    job.status = course.pollStatus;
    job.result = course.status;
    job.endedAt = clock.now();
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

  return {
    /**
     * Accepts a message: from here on it is sent, whatever happens to the answer. `beforeReply` is to be
     * waited for before that goes out, `afterReply` to be called when it is out.
     */
    accept(
      world: AccountWorld,
      message: Pick<Job, "msgtype" | "text" | "clientmsgid"> & { touser: readonly string[] },
      faults: JobFaults,
    ) {
      const { msgtype, text, touser, clientmsgid } = message;
      const course = plotCourse(faults, draw(settings.callbackDelayMs));
      const what = sendTo(world, touser, course);
      const { msgId, msgDataId } = nextIds();
      const job: Job = {
        msgId,
        clientmsgid,
        msgtype,
        text,
        size: touser.length,
        acceptedAt: clock.now(),
        counts: count(what),
        duplicates: howMany(what, "duplicate"),
        recipients: packRecipients(touser, what),
        status: "SENDING",
        result: undefined,
        endedAt: undefined,
        callbacks: [],
      };
      world.books.addJob(job);
      log.info(
        { account: world.account.id, msgId: String(msgId), recipients: job.size },
        "A mass message was accepted.",
      );
      if (course.from === "acceptance") endLater(world, job, course);
      return {
        msgId,
        msgDataId,
        async beforeReply(): Promise<void> {
          if (course.from === "before-reply") await end(world, job, course);
        },
        afterReply(): void {
          if (course.from === "after-reply") endLater(world, job, course);
        },
      };
    },
  };
}

function sendTo({ followers }: AccountWorld, touser: readonly string[], { status }: Course): Outcome[] {
  if (status.startsWith("err(")) return touser.map(() => "stopped");
  return followers.send(touser, status === "send success");
}
