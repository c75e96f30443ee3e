import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Api } from "./api.ts";
import type { Producer } from "./producer.ts";
import type { Event } from "./schedule.ts";
import type { ChaosStack } from "./stack.ts";

const Faults = z.object({ faults: z.array(z.object({ fault: z.string(), fired: z.number() })) });

export type Storm = ReturnType<typeof createStorm>;

/** Makes happen what the schedule has drawn, each at its time. */
export function createStorm(parts: {
  readonly stack: ChaosStack;
  readonly api: Api;
  readonly sandbox: Api;
  readonly producer: Producer;
}) {
  const { stack, api, sandbox, producer } = parts;
  const totals = { kills: 0, redisKills: 0, faults: 0, enqueued: 0, pauses: 0, cancels: 0 };

  async function happen(event: Event): Promise<void> {
    switch (event.deed) {
      case "enqueue":
        await producer.add(event.campaign);
        totals.enqueued += 1;
        return;
      case "kill":
        totals.kills += event.victims.length;
        await Promise.all(event.victims.map(stack.kill));
        await sleep(event.downMs);
        event.victims.map(stack.start);
        return;
      case "kill-redis":
        totals.redisKills += 1;
        return stack.killRedis(() => sleep(event.downMs));
      case "fault":
        await sandbox.post("/sandbox/faults", event.fault);
        totals.faults += 1;
        return;
      // A move that the campaign does not take by now is none.
      case "pause":
        if ((await api.post(`${event.path}/pause`)).status === 200) totals.pauses += 1;
        await sleep(event.forMs);
        await api.post(`${event.path}/resume`);
        return;
      case "cancel":
        for (const id of event.ids) {
          if ((await api.post(`/v1/campaigns/${id}/cancel`)).status !== 200) continue;
          totals.cancels += 1;
          return;
        }
    }
  }

  return {
    totals,
    /** Answers when all of it is over, and what was killed runs again. */
    async rage(events: readonly Event[]): Promise<void> {
      const startedAt = Date.now();
      await Promise.all(
        events.map(async (event) => {
          await sleep(Math.max(0, startedAt + event.atMs - Date.now()));
          await happen(event);
        }),
      );
    },
    /** Calls off what has struck nothing yet; answers what did, by name. */
    async calmDown(): Promise<Record<string, number>> {
      const { faults } = await sandbox.get("/sandbox/faults", Faults);
      await sandbox.delete("/sandbox/faults");
      const struck: Record<string, number> = {};
      for (const { fault, fired } of faults) if (fired > 0) struck[fault] = (struck[fault] ?? 0) + fired;
      return struck;
    },
  };
}
