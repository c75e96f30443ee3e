import { setTimeout as sleep } from "node:timers/promises";
import { Queue } from "bullmq";
import { Failure } from "../../src/failure.ts";
import { type ChaosCampaign, listOf, messageOf } from "./campaigns.ts";

const WITHIN_MS = 60_000;
const REST_MS = 300;

export type Producer = ReturnType<typeof openProducer>;

/** Adds campaigns as any service would that knows BullMQ alone, and again when Redis did not answer. */
export function openProducer(redisUrl: string, followersOf: (account: string) => readonly string[]) {
  const queue = new Queue("campaigns", { connection: { url: redisUrl }, prefix: "{qunfa}" });
  // A Redis that is killed is no news here.
  queue.on("error", () => {});

  return {
    /** An id that is there already stays as it is. */
    async add(campaign: ChaosCampaign): Promise<void> {
      const { account, id } = campaign;
      const audience = { type: "openids", openids: listOf(campaign, followersOf(account)) };
      const data = { account, name: id, message: messageOf(id), audience };
      for (const deadline = Date.now() + WITHIN_MS; ; await sleep(REST_MS)) {
        const added = await queue.add("campaign", data, { jobId: id }).catch(() => undefined);
        if (added) return;
        if (Date.now() > deadline) throw new Failure("REDIS_AWAY", `${id} can't be enqueued`);
      }
    },
    close: () => queue.close(),
  };
}
