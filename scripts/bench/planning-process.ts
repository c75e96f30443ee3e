import { readFileSync } from "node:fs";
import type { CampaignId } from "../../src/campaign/campaign-id.ts";
import { openWorkerProcess } from "../../src/compose.ts";
import { workerConfig } from "./config.ts";
import { openLedger } from "./ledger.ts";
import { timeOf } from "./runs.ts";

/**
 * A process that does nothing but plan one campaign, or read and de-duplicate its list, and says how long it
 * took and how much memory it had at most. A whole worker stands idle beside it, so that its memory is that
 * of a worker. The first campaign is to warm up.
 */
const [url = "", name = "", deed = "", followers = "", account = "", ...ids] = process.argv.slice(2);
const ledger = await openLedger(url, name, Number(followers));
const worker = await openWorkerProcess(workerConfig(url, [account]), {
  name: `${name}-idle`,
  callOf: () => async () => {
    throw new Error("WeChat is not asked here");
  },
});
let ms = 0;
for (const id of ids) {
  const campaign = await ledger.campaigns.get({ account, id: id as CampaignId });
  ms = await timeOf(() => (deed === "plan" ? ledger.plan(campaign) : readAndDedupe(campaign)));
}
const peakMb = peakMemoryMb();
await worker.close();
await ledger.close();
process.stdout.write(JSON.stringify({ ms, peakMb }));

async function readAndDedupe(list: Parameters<typeof ledger.audiences.readList>[0]): Promise<void> {
  const seen = new Set<string>();
  for await (const lines of ledger.audiences.readList(list))
    for (const openid of lines.toString().split("\n")) seen.add(openid);
}

/** resourceUsage() counts the parent's memory in from before the process became another program. */
function peakMemoryMb(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS / 1_024;
  const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return Number(kilobytes) / 1_024;
}
