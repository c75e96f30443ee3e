import type { Clock } from "../clock.ts";
import type { CallbackRequest } from "./callback-request.ts";
import { deliver } from "./deliver.ts";
import type { Schedule } from "./schedule.ts";
import type { Settings } from "./settings.ts";

const attempts = 3;

export type Push = ReturnType<typeof createPush>;
type Attempt = { at: number; answer: string };

/** Delivers a callback: up to three times, until its receiver takes it (WECHAT.md section 6.2). */
export function createPush({
  settings,
  clock,
  schedule,
}: {
  settings: Pick<Settings, "callbackTimeoutMs" | "callbackRetryMs">;
  clock: Clock;
  schedule: Schedule;
}) {
  const { callbackTimeoutMs: timeoutMs, callbackRetryMs } = settings;
  return async (request: CallbackRequest, note: (attempt: Attempt) => void): Promise<void> => {
    for (let attempt = 1; !schedule.signal.aborted; attempt++) {
      const at = clock.now();
      const answer = await deliver(request, { timeoutMs, signal: schedule.signal });
      note({ at, answer });
      if (answer === "success" || attempt === attempts) return;
      await schedule.wait(callbackRetryMs);
    }
  };
}
