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
const openids = readFileSync(file, "utf8").split(/\r?\n/).filter(Boolean);
if (openids.length === 0) {
  // Refused by the worker it would have used the id up.
  console.error(`${file}: there is no OpenID in it`);
  process.exit(65);
}

const connection = { url: process.env.REDIS_URL };
const campaigns = new Queue("campaigns", { connection, prefix: "{qunfa}" });
const events = new QueueEvents("campaigns", { connection, prefix: "{qunfa}" });
await events.waitUntilReady();

try {
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
} catch (error) {
  // BullMQ refuses an id that can't be a job's; what failed the job is told as "CODE: why".
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 65;
} finally {
  await Promise.all([campaigns.close(), events.close()]);
}
