import { setTimeout as sleep } from "node:timers/promises";
import type { Api } from "./api.ts";
import { ShownCampaign } from "./evidence.ts";

const LOOK_MS = 500;
const LOOK_WITHIN_MS = 10_000;

/** What a campaign waits for until a person has looked. */
const FOR_A_PERSON = ["content", "account"];

export type Person = ReturnType<typeof openPerson>;

/**
 * The one at the console: looks at the campaigns, and resumes what waits for somebody. In the calm also what
 * stands paused.
 */
export function openPerson(api: Api, onLook: (shown: readonly ShownCampaign[]) => void) {
  let shown: readonly ShownCampaign[] = [];
  let resumes = 0;
  let calm = false;
  let closed = false;

  async function look(): Promise<void> {
    shown = await api.list("/v1/campaigns", ShownCampaign);
    onLook(shown);
    for (const { id, state, waitingFor } of shown) {
      const waits = state === "waiting" && FOR_A_PERSON.includes(waitingFor?.reason ?? "");
      if (!waits && !(calm && state === "paused")) continue;
      const { status } = await api.post(`/v1/campaigns/${id}/resume`);
      if (status === 200) resumes += 1;
    }
  }
  const looking = (async () => {
    while (!closed) {
      // In the storm nobody may answer for long; the next look will.
      await look().catch((error) => {
        if (calm) throw error;
      });
      await sleep(LOOK_MS);
    }
  })();
  looking.catch(() => {});

  return {
    calmDown: () => {
      calm = true;
    },
    /** Once every one of them has ended; those that have not, when the time is over. */
    async untilEnded(ids: readonly string[], withinMs: number): Promise<string[]> {
      const isOpen = (id: string) => !shown.find((one) => one.id === id)?.report;
      for (const deadline = Date.now() + withinMs; ids.some(isOpen) && Date.now() < deadline; )
        await Promise.race([sleep(LOOK_MS), looking]);
      return ids.filter(isOpen).map((id) => {
        const one = shown.find((of) => of.id === id);
        return one ? `${id}: ${one.state} ${JSON.stringify(one.waitingFor)}` : `${id}: unknown`;
      });
    },
    resumes: () => resumes,
    async close(): Promise<void> {
      closed = true;
      await Promise.race([looking.catch(() => {}), sleep(LOOK_WITHIN_MS, undefined, { ref: false })]);
    },
  };
}
