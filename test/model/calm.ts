import { isEnded } from "../../src/campaign/campaign.ts";
import { movesOf } from "../../src/campaign/move.ts";
import { shownState, waitingOf } from "../../src/campaign/waiting.ts";
import type { World } from "./world.ts";
import { ACCOUNT } from "./world.ts";

const ROUNDS = 3_000;
/** From then on jobs are run late: it may take until the next month. */
const PUNCTUAL_ROUNDS = 300;
/** More than all of them have to do in one moment. */
const RUNS_AT_ONCE = 500;
const hour = 3_600_000;

/** Whether WeChat's results come once all is calm, or every batch has to be asked for. */
export type Callbacks = "come" | "never";

/**
 * Good weather, fresh processes and all the time that is needed: results come, people let go what they held,
 * every job that is due is run. Answers when all campaigns have ended; it is a failure that they do not.
 */
export async function calmDown(world: World, callbacks: Callbacks): Promise<void> {
  const { clock, shelf, wechat, ledger } = world;
  const worker = world.createWorker();
  const server = world.createServer();
  wechat.weather.splice(0);
  wechat.courses.splice(0);
  await wechat.arrive();
  await server.moves.account(ACCOUNT, "resume", { who: "model" });

  for (let round = 0; round < ROUNDS; round++) {
    await runAllDue();
    if (callbacks === "come")
      for (const { job, heard } of wechat.accepted)
        if (!heard) {
          await server.deliver(wechat.resultOf(job));
          wechat.hear(job);
        }
    if (shelf.due().length > 0) continue;
    const open = await ledger.campaigns.open(ACCOUNT);
    if (open.length === 0 && shelf.all().every(({ state }) => state === "done")) return;
    const wait = Math.min(Math.max(1, shelf.nextDue() - clock.now()), hour);
    await world.pass(round < PUNCTUAL_ROUNDS ? wait : hour);
    await letGo();
    await worker.reconcile();
  }
  const open = await Promise.all((await ledger.campaigns.open(ACCOUNT)).map((id) => told(id)));
  throw new Error(`not at their end: ${JSON.stringify(open)}`);

  async function runAllDue(): Promise<void> {
    for (let run = 0; run < RUNS_AT_ONCE; run++) {
      const [job] = shelf.due();
      if (!job) return;
      await worker.run(job);
    }
    throw new Error(`jobs are run without end: ${JSON.stringify(shelf.due())}`);
  }

  async function told(id: string) {
    const campaign = await ledger.campaigns.find(id);
    return campaign && { campaign, batches: await ledger.batches.of(campaign) };
  }

  /** What only a person can end. */
  async function letGo(): Promise<void> {
    for (const id of await ledger.campaigns.open(ACCOUNT)) {
      const campaign = await ledger.campaigns.find(id);
      if (!campaign || isEnded(campaign.state)) continue;
      const all = await ledger.batches.of(campaign);
      const shown = shownState(campaign, all);
      const stuck = shown === "paused" || waitingOf(campaign, all)?.until === null;
      if (stuck && movesOf(shown).includes("resume"))
        await server.moves.campaign(id, "resume", { who: "model" });
    }
  }
}
