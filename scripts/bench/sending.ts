import { setTimeout as sleep } from "node:timers/promises";
import { batchId } from "../../src/campaign/batch.ts";
import type { CampaignId } from "../../src/campaign/campaign-id.ts";
import { systemClock } from "../../src/clock.ts";
import { openWorkerProcess } from "../../src/compose.ts";
import { createLogger } from "../../src/log.ts";
import { openQueues } from "../../src/queues/queues.ts";
import type { Call } from "../../src/wechat/client.ts";
import { createDeliver } from "../../workers/callback.ts";
import { createWake } from "../../workers/wake.ts";
import { workerConfig } from "./config.ts";
import type { Ledger } from "./ledger.ts";

/** A worker whose WeChat is a function: it answers after `answerMs`, and a send's callback comes right after. */
export async function openSending(
  { redis, keys, batches }: Ledger,
  of: { url: string; name: string; accounts: readonly string[]; answerMs: number },
) {
  const queues = openQueues({ connection: redis, prefix: keys.root });
  const deliver = createDeliver({
    ...{ batches, wake: createWake({ queues, batches, clock: systemClock }), correct: async () => {} },
    ...{ clock: systemClock, log: createLogger("silent") },
  });
  /** Asked after each callback. */
  const waiting = new Set<() => Promise<void>>();
  let msgId = 3_147_483_648;

  const callBack = async (account: string, msgId: string) => {
    const counts = { total: 2, filter: 2, sent: 2, error: 0 };
    const status = { status: "success", rawStatus: "send success" } as const;
    await deliver(account, { kind: "mass-result", msgId, ...status, counts, articleUrls: [] });
    for (const ask of waiting) await ask();
  };
  const callOf = (account: string): Call => {
    return async ({ path }) => {
      if (path.endsWith("token"))
        return { kind: "answered", body: { access_token: "bench", expires_in: 7_200 } };
      await sleep(of.answerMs);
      const own = msgId++;
      setImmediate(() => void callBack(account, String(own)));
      return { kind: "answered", body: { errcode: 0, errmsg: "send job submission success", msg_id: own } };
    };
  };
  const worker = await openWorkerProcess(workerConfig(of.url, of.accounts), { name: of.name, callOf });

  return {
    /** Enqueues a campaign's batches; resolves when all are closed by their callbacks. */
    async send(account: string, id: string, planned: number): Promise<void> {
      const campaign = id as CampaignId;
      const jobs = Array.from({ length: planned }, (_, index) => {
        const number = index + 1;
        return { id: batchId(campaign, number), data: { account, campaign, number }, delayMs: 0 };
      });
      const closed = new Promise<void>((resolve) => {
        const ask = async () => {
          if ((await batches.countOpen({ account, id: campaign })) > 0) return;
          waiting.delete(ask);
          resolve();
        };
        waiting.add(ask);
      });
      await queues.addBatches(jobs);
      await closed;
    },
    async close(): Promise<void> {
      await worker.close();
      await queues.close();
    },
  };
}
