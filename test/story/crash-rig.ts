import { expect } from "vitest";
import { type CrashPoint, faultOf } from "../support/crashes/point.ts";
import { loadScripts } from "../support/redis-commands.ts";
import { openRedisProxy, type RedisProxy } from "../support/redis-proxy.ts";
import type { Desk, Result } from "../support/strict-wechat.ts";
import { until } from "../support/until.ts";
import type { Running } from "./process.ts";
import { expectOnce, expectTrue, openRig, people, type Rig } from "./rig.ts";

type Victim = { readonly process: Running; readonly proxy: RedisProxy };
type Options = { readonly victim?: "worker" | "server"; readonly env?: Record<string, string> };

const CROWD = 10_100;
/** Forty come twice and ten are no OpenIDs. */
const LIST = [...people(CROWD), ...people(40), ...Array(10).fill("nobody")];
const patience = { timeoutMs: 60_000 };

/**
 * Carries out rows of the table of fault points: a process behind a Redis proxy of its own is killed at the
 * point, the next one takes over, and is the victim of the row behind it.
 */
export async function openCrashRig(
  points: readonly CrashPoint[],
  { victim = "worker", env = {} }: Options = {},
) {
  const accounts = Object.fromEntries(points.map(({ id }) => [id, {}]));
  const rig = await openRig({ accounts, env, workers: victim === "worker" ? 0 : 1 });
  await loadScripts(rig.client);
  /** Where the server dies, the worker stands still until the ledger has been read. */
  const [bystander] = rig.workers();
  const proxies: RedisProxy[] = [];
  let next: Victim | undefined;

  async function start(): Promise<Victim> {
    const proxy = await openRedisProxy(rig.redis);
    proxies.push(proxy);
    const more = { REDIS_URL: proxy.url };
    const process = victim === "worker" ? await rig.startWorker(more) : (await rig.startServer(more)).process;
    return { process, proxy };
  }

  return {
    rig,

    async carryOut(point: CrashPoint): Promise<void> {
      const { process, proxy } = next ?? (await start());
      next = undefined;
      const desk = rig.desk(point.id);
      const result: Result = { when: "never", poll: "SENDING" };
      desk.usual = { result };
      const meets = point.holds ? [point.holds] : (point.meets ?? []);
      desk.script.push(...meets.map((behaviour) => ({ ...behaviour, result })));
      const second = `${point.id}~2`;
      const waits = async () => (await rig.queues.batches.getJob(second))?.isDelayed();
      if (point.queued) desk.script.push({ result, until: until(waits, patience) });

      const early = !point.holds && !point.last && !point.polled;
      let struck: Promise<unknown> | undefined = early ? proxy.struck(faultOf(point)) : undefined;
      const job = await rig.add(point.id, point.id, LIST, point.held ? { hold: "first-batch" } : {});
      if (point.holds) struck = until(() => desk.calls.length === 1, patience);
      struck ??= lateStrike(point, desk, proxy);
      try {
        await within(struck, () => process.output().slice(-500));
      } finally {
        process.kill("SIGKILL");
        await process.exited;
        await proxy.close();
      }
      expect(await readLedger(rig, point.id)).toBe(point.ledger);
      bystander?.kill("SIGCONT");

      if (point.leases) await rig.client.pexpire(`{qunfa:${point.id}}:token-lease`, 1);
      next = await start();
      const acknowledged = new Set<string>();
      const over = async () => {
        for (const sent of point.polled ? [] : desk.books.sends)
          if (!acknowledged.has(sent.msgId) && (await desk.push(sent)).status === 200)
            acknowledged.add(sent.msgId);
        return job.isCompleted();
      };
      await until(over, { ...patience, describe: () => readLedger(rig, point.id) });
      await expectGood(rig, point, await rig.report(job));
    },

    async close(): Promise<void> {
      bystander?.kill("SIGCONT");
      await rig.close();
      for (const proxy of proxies) await proxy.close();
    },
  };

  /** Struck when both batches are accepted, by what follows a result. */
  async function lateStrike({ id, ...point }: CrashPoint, desk: Desk, proxy: RedisProxy): Promise<void> {
    const accepted = async () => (await readLedger(rig, id)) === "sending; 2 accepted; 2 calls";
    await until(accepted, { ...patience, describe: () => readLedger(rig, id) });
    const [first, second] = desk.books.sends;
    if (!first || !second) throw new Error("nothing was sent");
    const fault = faultOf({ id, ...point });
    if (point.polled) {
      const struck = proxy.struck(fault);
      for (const sent of [first, second]) sent.result = { ...sent.result, poll: "SEND_SUCCESS" };
      await struck;
      return;
    }
    await desk.push(first);
    const isDone = async (number: number) =>
      (await rig.queues.batches.getJob(`${id}~${number}`))?.isCompleted();
    await until(async () => (await isDone(1)) || (await isDone(2)), patience);
    // A campaign's job that is still looking would meet the second result before it is woken for it.
    await until(async () => (await rig.queues.campaigns.getJob(id))?.isDelayed(), patience);
    bystander?.kill("SIGSTOP");
    const struck = proxy.struck(fault);
    // The server that takes it may be the one that dies.
    void desk.push(second).catch(() => {});
    await struck;
  }
}

/** States of a campaign and its batches, and how many calls were begun: the words of the table. */
async function readLedger({ client }: Rig, id: string): Promise<string> {
  const key = `{qunfa:${id}}:campaign:${id}`;
  const state = await client.hget(key, "state");
  if (state === null) return "nothing";
  const batches = await Promise.all([1, 2].map((number) => client.hgetall(`${key}:batch:${number}`)));
  const states = batches.flatMap((batch) => batch.state ?? []).sort();
  const counted = [...new Set(states)].map(
    (one) => `${states.filter((other) => other === one).length} ${one}`,
  );
  const calls = batches.reduce((sum, batch) => sum + Number(batch.calls ?? 0), 0);
  const words = [state, counted.join(", "), calls > 0 ? `${calls} call${calls > 1 ? "s" : ""}` : ""];
  return words.filter(Boolean).join("; ");
}

/** Nobody twice, nobody missing, the report true, and exactly as many calls as the table says. */
async function expectGood(rig: Rig, point: CrashPoint, report: Awaited<ReturnType<Rig["report"]>>) {
  const { id, calls, polled, ends } = point;
  const desk = rig.desk(id);
  const { failed = 0, needsReview = 0 } = ends ?? {};
  expectOnce(desk, id, ends ? [] : people(CROWD));
  expectTrue(desk, id, report);
  expect(report).toMatchObject({
    state: ends ? (needsReview > 0 ? "partly_completed" : "failed") : "completed",
    audience: { received: CROWD + 50, invalid: 10, duplicate: 40, capped: 0, admitted: CROWD },
    batches: { planned: 2, succeeded: ends ? 0 : 2, failed, needsReview, canceled: 0 },
    countsMissing: polled ? 2 : 0,
  });
  expect([desk.calls.length, report.sendCalls]).toEqual(calls);
  if (point.ledger.includes(" sending;")) expectRest(desk);
  expect((await rig.queues.campaigns.getJob(id))?.data).toEqual({ account: id, stored: true });
  // What was not sent is given back once, what was or may have been stays.
  const kept = (await rig.batches(id)).filter(({ state }) => state !== "failed");
  const caps = await rig.get<{ users: Record<string, number> }>(`/v1/accounts/${id}/caps`);
  expect(caps.users).toMatchObject({ "1": kept.reduce((sum, { size }) => sum + size, 0), "2": 0 });
}

/** A call whose worker died may be under way for all of its time-out, and WeChat wants its rest after that. */
function expectRest({ calls }: Desk): void {
  for (const [index, { clientmsgid, at }] of calls.entries()) {
    const repeat = calls.slice(index + 1).find((call) => call.clientmsgid === clientmsgid);
    if (repeat) expect(repeat.at - at).toBeGreaterThanOrEqual(1_600);
  }
}

async function within(struck: Promise<unknown>, describe: () => string): Promise<void> {
  let done = false;
  let failure: unknown;
  struck.then(
    () => {
      done = true;
    },
    (error: unknown) => {
      done = true;
      failure = error;
    },
  );
  await until(() => done, { ...patience, describe });
  if (failure) throw failure;
}
