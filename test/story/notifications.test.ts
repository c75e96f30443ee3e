import type { ServerResponse } from "node:http";
import { Queue } from "bullmq";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { loadScripts } from "../support/redis-commands.ts";
import { openRedisProxy } from "../support/redis-proxy.ts";
import { until } from "../support/until.ts";
import { openReceiver, type Receiver, secret } from "./receiver.ts";
import { openRig, people, type Rig, type Shown } from "./rig.ts";

type Told = Shown & {
  readonly notification: {
    readonly state: string;
    readonly attempts: number;
    readonly lastStatus: number | null;
    readonly lastAt: string | null;
    readonly reason: string | null;
  } | null;
};

let rig: Rig;
let receiver: Receiver;
let notify: Queue;
beforeAll(async () => {
  receiver = await openReceiver();
  rig = await openRig({
    accounts: Object.fromEntries(["acme", "late", "shop", "dies", "unsaid"].map((id) => [id, {}])),
    env: {
      ...{ QUNFA_WEBHOOK_SECRET: secret, QUNFA_ALLOW_PRIVATE_URLS: receiver.host },
      QUNFA_POLL_MS: "200,300",
    },
  });
  notify = new Queue("notify", {
    connection: { host: "127.0.0.1", port: rig.redis.port },
    prefix: "{qunfa}",
  });
});
afterEach(() => {
  rig.expectClean();
  expect(receiver.refused).toEqual([]);
});
afterAll(async () => {
  await notify.close();
  await rig.close();
  await receiver.close();
});

const patience = { timeoutMs: 60_000 };
const add = (id: string, account: string, notifyUrl = receiver.url(`/${id}`)) =>
  rig.add(id, account, people(40), { notifyUrl, metadata: { ticket: id } });
/** What HTTP shows of the campaign's message once it looks so. */
async function told(id: string, state: string): Promise<NonNullable<Told["notification"]>> {
  const fits = (shown: Shown) => (shown as Told).notification?.state === state;
  const { notification } = (await rig.shown(id, fits, patience.timeoutMs)) as Told;
  if (!notification) throw new Error("there is no message");
  return notification;
}
const failed = (status: number) => (response: ServerResponse) =>
  response.writeHead(status, { "retry-after": "1" }).end();

describe("the owner of a campaign", () => {
  test("gets its report, well signed, under one id until it is taken", async () => {
    receiver.answer("/offer", failed(500), failed(500));
    const job = await add("offer", "acme");
    const report = await rig.report(job);
    expect(await told("offer", "delivered")).toMatchObject({ attempts: 3, lastStatus: 204, reason: null });

    const messages = receiver.got("/offer");
    expect(messages).toHaveLength(3);
    expect(new Set(messages.map(({ id }) => id)).size).toBe(1);
    for (const { type, data } of messages)
      expect({ type, data }).toEqual({
        type: "campaign.closed",
        data: { ...report, revision: 1, name: null, metadata: { ticket: "offer" } },
      });
    expect(await notify.getJobState("offer~1")).toBe("completed");
    const job1 = await notify.getJob("offer~1");
    expect(job1?.data).toEqual({ account: "acme", campaign: "offer", revision: 1 });
  });

  test("is told again when a callback comes late and changes it, and not when one changes nothing", async () => {
    const desk = rig.desk("late");
    desk.usual = { result: { when: "never", poll: "SEND_SUCCESS" } };
    const report = await rig.report(await add("late", "late"));
    expect(report.countsMissing).toBe(1);
    await told("late", "delivered");
    for (const _ of [1, 2])
      for (const sent of desk.books.sends) expect(await desk.push(sent, {})).toMatchObject({ status: 200 });
    await until(() => receiver.got("/late").length === 2, patience);
    const [closed, corrected] = receiver.got("/late");
    expect(closed).toMatchObject({ type: "campaign.closed", data: { revision: 1, countsMissing: 1 } });
    expect(corrected).toMatchObject({
      type: "campaign.corrected",
      data: {
        campaignId: "late",
        revision: 2,
        countsMissing: 0,
        recipients: desk.books.recipients("「late」"),
      },
    });
    expect(corrected?.id).not.toBe(closed?.id);
    await rig.reconciled();
    expect(receiver.got("/late")).toHaveLength(2);
  });
});

describe("a message is given up", () => {
  test("where its receiver answers 410", async () => {
    receiver.answer("/gone", failed(410));
    await rig.report(await add("gone", "shop"));
    expect(await told("gone", "failed")).toMatchObject({
      ...{ attempts: 1, lastStatus: 410, reason: "the receiver answered 410" },
    });
    const state = async () => notify.getJobState("gone~1");
    await until(async () => (await state()) === "failed");
    expect((await notify.getJob("gone~1"))?.failedReason).toBe(
      "NOTIFY_FAILED: the receiver answered 410, attempt 1",
    );
    await rig.reconciled();
    expect(receiver.got("/gone")).toHaveLength(1);
    const { queues } = await rig.get<{ queues: { name: string }[] }>("/queues/api/queues");
    expect(queues.map(({ name }) => name)).toContain("notify");
  });

  test("where its name leads to a private address, and nobody is asked there", async () => {
    await rig.report(await add("inside", "shop", `https://localhost:${receiver.port}/inside?key=hidden`));
    expect(await told("inside", "failed")).toMatchObject({
      ...{ attempts: 1, lastStatus: null },
      reason: `https://localhost:${receiver.port}/inside?…: its name leads to an address that is not public`,
    });
    expect(receiver.got("/inside")).toEqual([]);
    const [worker] = rig.workers();
    const line = await worker?.says("A notification could not be delivered");
    expect(line).toMatchObject({ level: 40 });
    expect(rig.logs()).not.toContain("hidden");
  });

  test.each(["https://10.0.0.1/", "http://example.org/", "https://127.0.0.1:1/"])(
    "and its campaign is not even taken in where its address says so: %s",
    async (notifyUrl) => {
      const body = {
        ...{ account: "shop", notifyUrl, message: { msgtype: "text", text: { content: "a" } } },
        audience: { type: "openids", openids: people(2) },
      };
      expect(await rig.post("/v1/campaigns", body)).toMatchObject({
        ...{
          status: 422,
          errors: [{ path: "notifyUrl", message: expect.stringMatching(/not (public|https)|not a public/) }],
        },
      });
    },
  );
});

describe("a worker that is killed", () => {
  test("while its receiver thinks leaves a message that the next one delivers under the same id", async () => {
    const [worker] = rig.workers();
    receiver.answer("/dies", () => {});
    await rig.report(await add("dies", "dies"));
    await until(() => receiver.got("/dies").length === 1, patience);
    worker?.kill("SIGKILL");
    await worker?.exited;
    expect(((await rig.show("dies")) as Told).notification).toMatchObject({ state: "pending", attempts: 0 });
    await rig.startWorker();
    expect(await told("dies", "delivered")).toMatchObject({ attempts: 1 });
    const [first, second] = receiver.got("/dies");
    expect(second).toMatchObject({ id: first?.id, data: first?.data });
  });

  test("as soon as the report is written leaves a message that is delivered all the same", async () => {
    for (const worker of rig.workers()) await worker.stop();
    const proxy = await openRedisProxy(rig.redis);
    await loadScripts(rig.client);
    const victim = await rig.startWorker({ REDIS_URL: proxy.url });
    const struck = proxy.struck({ write: "settle", by: "unsaid", when: "after" });
    const job = await add("unsaid", "unsaid");
    await struck;
    victim.kill("SIGKILL");
    await victim.exited;
    await proxy.close();
    expect(((await rig.show("unsaid")) as Told).notification).toMatchObject({ state: "pending" });
    expect(await notify.getJobState("unsaid~1")).toBe("unknown");
    expect(receiver.got("/unsaid")).toEqual([]);

    await rig.startWorker();
    await told("unsaid", "delivered");
    expect(await rig.report(job)).toMatchObject({ state: "completed" });
    expect(receiver.got("/unsaid")).toHaveLength(1);
  });
});
