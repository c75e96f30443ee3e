// A service of somebody else's: it knows BullMQ, the names of CONTRACT section 4, and nothing of ours.
import { readFileSync } from "node:fs";
import { Queue, QueueEvents } from "bullmq";

const [port, file] = process.argv.slice(2);
const { id, data } = JSON.parse(readFileSync(file, "utf8"));
const options = { connection: { host: "127.0.0.1", port: Number(port) }, prefix: "{qunfa}" };
const queue = new Queue("campaigns", options);
const events = new QueueEvents("campaigns", options);
await events.waitUntilReady();

const progress = [];
events.on("progress", ({ jobId, data: step }) => jobId === id && progress.push(step));
const job = await queue.add("campaign", data, { jobId: id });
const report = await job.waitUntilFinished(events, 60_000);
process.stdout.write(`${JSON.stringify({ report, progress })}\n`);
await events.close();
await queue.close();
