// Enqueues one campaign with nothing but BullMQ and waits for its report:
//   REDIS_URL=redis://127.0.0.1:6379 node examples/enqueue.mjs november-offer openids.txt
import { existsSync, readFileSync } from "node:fs";
import { Queue, QueueEvents } from "bullmq";

const [id, file] = process.argv.slice(2);
if (!id || !file || !process.env.REDIS_URL) {
  console.error(
    "usage: REDIS_URL=redis://… node examples/enqueue.mjs <campaign id> <file with an OpenID a line>",
  );
  process.exit(64);
}
if (!existsSync(file)) {
  console.error(`${file}: there is no such file`);
  process.exit(66);
}
const openids = readFileSync(file, "utf8").split("\n").filter(Boolean);

const connection = { url: process.env.REDIS_URL };
const campaigns = new Queue("campaigns", { connection, prefix: "{qunfa}" });
const events = new QueueEvents("campaigns", { connection, prefix: "{qunfa}" });
await events.waitUntilReady();

const job = await campaigns.add(
  "campaign",
  {
    account: "demo",
    message: { msgtype: "text", text: { content: "您好" } },
    audience: { type: "openids", openids },
  },
  { jobId: id },
);
console.log(JSON.stringify(await job.waitUntilFinished(events), undefined, 2));

await Promise.all([campaigns.close(), events.close()]);
