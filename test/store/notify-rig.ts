import type { CampaignId } from "../../src/campaign/campaign-id.ts";
import { Failure } from "../../src/failure.ts";
import type { JobView, Wish } from "../../src/queues/worker.ts";
import { createAnnounce } from "../../workers/announce.ts";
import { createNotify } from "../../workers/notify.ts";
import { createLife, everybody } from "./retire-rig.ts";
import { account, type Rig } from "./rig.ts";
import { createStillQueues, silent } from "./step-rig.ts";

export const url = "https://example.org/reports?key=secret";

export type Got = { readonly id: string; readonly at: number; readonly body: Body };
type Body = { type: string; timestamp: string; data: { revision: number; [field: string]: unknown } };
type Answer = number | Failure | { readonly status: number; readonly retryAfter: string };

export const refused = new Failure("FETCH_REFUSED", "its name leads to an address that is not public");
export const silence = new Failure("FETCH_FAILED", "not there within 20000 ms");

/** The step of a message's job on a rig, and a receiver that answers as it is told, at last with 200. */
export function createNotifyRig(rig: Rig, change: Partial<Parameters<typeof createNotify>[0]> = {}) {
  const life = createLife(rig);
  const answers: Answer[] = [];
  const got: Got[] = [];
  const ends: string[] = [];
  const step = createNotify({
    ...rig,
    async postUrl(to, { body, headers }) {
      if (to !== url) throw new Error(`posted to ${to}`);
      got.push({ id: headers["webhook-id"] ?? "", at: rig.clock.now(), body: JSON.parse(body) as Body });
      const answer = answers.shift() ?? 200;
      if (answer instanceof Failure) throw answer;
      return typeof answer === "number" ? { status: answer, retryAfter: undefined } : answer;
    },
    sign: (id) => ({ "webhook-id": id }),
    random: () => 0,
    onEnd: (outcome) => void ends.push(outcome),
    log: silent,
    ...change,
  });
  const notes: string[] = [];
  const runOf = (campaign: string, revision: number): Promise<Wish<string>> =>
    step({
      data: { account, campaign, revision },
      note: async (line: string) => void notes.push(line),
    } as unknown as JobView);

  return {
    life,
    answers,
    got,
    ends,
    notes,
    /** One run of the message's job. */
    run: (id = "offer", revision = 1) => runOf(id, revision),

    /** Runs it, each time when it wants to be run again, until it is over; answers why it failed, if it did. */
    async runToEnd(id = "offer", revision = 1): Promise<string | undefined> {
      for (;;) {
        const wish = await runOf(id, revision).catch((error: unknown) => error);
        if (wish instanceof Failure) return wish.message;
        if (wish instanceof Error) throw wish;
        const { kind, ...rest } = wish as Wish<string>;
        if (kind === "done") return undefined;
        rig.clock.advance((rest as { delayMs: number }).delayMs);
      }
    },

    /** A campaign with a `notifyUrl` that has come to its end. */
    async close(
      id = "offer",
      msgId = "1000",
      by: "poll" | "callback" = "callback",
      notifyUrl = url,
    ): Promise<void> {
      const [batch] = await life.plan(id, everybody(2), {
        ...{ notifyUrl, name: "November", metadata: { ticket: "1" } },
      });
      if (!batch) throw new Error("no batch");
      await rig.go(batch);
      await rig.accept(batch, msgId);
      if (by === "poll") await rig.end(batch, { by });
      else await life.comes(msgId);
      await life.follow(id);
    },

    shown: async (id = "offer") => (await life.get(id)).notification,
    due: () => rig.notifications.due(account),
    /** As whoever sees its report. */
    announce: async (id = "offer") => {
      const { queues, woken } = createStillQueues();
      await createAnnounce({ ...rig, queues }).end(await life.get(id));
      return woken;
    },
    address: (id = "offer", revision = 1) => ({ account, campaign: id as CampaignId, revision }),
  };
}
