import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openEventSource } from "../support/event-source.ts";
import type { Behaviour } from "../support/strict-wechat.ts";
import { until } from "../support/until.ts";
import { type ClusterRig, openClusterRig } from "./cluster-rig.ts";
import { openReceiver, type Receiver, secret } from "./receiver.ts";
import { expectOnce, expectTrue, people } from "./rig.ts";

// Their slots are on three nodes.
const ids = ["acme", "north", "south"];
let rig: ClusterRig;
let receiver: Receiver;
beforeAll(async () => {
  receiver = await openReceiver();
  rig = await openClusterRig({
    accounts: Object.fromEntries(ids.map((id) => [id, {}])),
    workers: 2,
    env: {
      ...{ QUNFA_POLL_MS: "500", QUNFA_WEBHOOK_SECRET: secret },
      QUNFA_ALLOW_PRIVATE_URLS: receiver.host,
    },
  });
});
afterEach(() => rig.expectClean());
afterAll(async () => {
  await rig.close();
  await receiver.close();
});

const patience = { timeoutMs: 60_000 };

test("campaigns of three accounts go out through bad weather, a worker dies: once to everybody, and the reports are true", async () => {
  const weather: Behaviour[] = [
    { accept: true, answer: "cut", result: { when: 1 } },
    { result: { when: "before", times: 3 } },
    { accept: false, answer: { errcode: -1 } },
    { accept: true, answer: "half" },
    { result: { when: 1 } },
    { answer: { errcode: 40001 } },
  ];
  for (const [at, id] of ids.entries()) {
    const desk = rig.desk(id);
    desk.usual = { result: { when: 1 } };
    desk.script.push(...weather.slice(2 * at), ...weather.slice(0, 2 * at));
  }
  const list = [...people(25_000), ...people(40), ...Array(10).fill("nobody")];
  const jobs = await Promise.all(ids.map((id) => rig.add(`weather-${id}`, id, list)));
  await until(() => ids.every((id) => rig.desk(id).calls.length > 1), patience);
  rig.workers()[0]?.kill("SIGKILL");

  for (const [at, id] of ids.entries()) {
    const job = jobs[at];
    if (!job) throw new Error("no job");
    const report = await rig.report(job, 90_000);
    expectOnce(rig.desk(id), `weather-${id}`, people(25_000));
    expectTrue(rig.desk(id), `weather-${id}`, report);
    expect(report).toMatchObject({
      state: "completed",
      audience: { received: 25_050, invalid: 10, duplicate: 40, capped: 0, admitted: 25_000 },
      batches: { planned: 3, succeeded: 3 },
    });
    expect((await rig.queues.campaigns.getJob(`weather-${id}`))?.data).toEqual({ account: id, stored: true });
  }
  await rig.startWorker();
});

test("owners are told of their campaigns, and so is who follows the events", async () => {
  const source = await openEventSource(`${rig.url}/v1/events`);
  try {
    await until(() => source.beats() > 0);
    const add = (id: string) =>
      rig.add(`told-${id}`, id, people(40, 60_000), { notifyUrl: receiver.url(`/${id}`) });
    for (const job of await Promise.all(ids.map(add))) await rig.report(job);
    await until(() => ids.every((id) => receiver.got(`/${id}`).length === 1), patience);
    const closed = () => source.events.filter(({ event }) => event === "campaign.closed");
    await until(() => closed().length === ids.length, patience);
    expect(
      closed()
        .map(({ data }) => data.account)
        .sort(),
    ).toEqual(ids);
  } finally {
    source.close();
  }
});

test("the cap, a plan without effect, a pause, a cancel and a booking are kept over HTTP", async () => {
  const desk = rig.desk("north");
  desk.usual = { result: { when: 1 } };
  const crowd = people(300, 50_000);
  for (const time of [1, 2, 3])
    await rig.report(await rig.add(`time-${time}`, "north", crowd.slice(time === 1 ? 0 : 100)));
  const booked = { audience: { type: "openids", openids: crowd.slice(200) } };
  expect((await rig.post("/v1/accounts/north/external-sends", booked)).status).toBe(201);

  const job = await rig.add("time-4", "north", crowd, { schedule: { startAt: inAWhile() } });
  await rig.shown("time-4", ({ state }) => state === "scheduled");
  expect(await rig.move("pause", "time-4")).toMatchObject({ status: 200 });
  expect(await rig.show("time-4")).toMatchObject({ state: "paused" });
  expect(await rig.move("resume", "time-4")).toMatchObject({ status: 200 });
  expect(await rig.move("cancel", "time-4")).toMatchObject({ status: 200 });
  expect(await rig.report(job)).toMatchObject({ state: "canceled", reason: "CANCELED", sendCalls: 0 });

  const last = await rig.report(await rig.add("time-5", "north", crowd));
  expect(last).toMatchObject({ state: "completed", audience: { received: 300, capped: 100, admitted: 200 } });
  expectOnce(desk, "time-5", crowd.slice(0, 200));
  const caps = await rig.get<{ users: Record<string, number> }>("/v1/accounts/north/caps");
  expect(caps.users).toMatchObject({ "2": 100, "4": 200 });
  const person = await rig.get(`/v1/campaigns/time-5/recipients/${crowd[250]}`);
  expect(person).toMatchObject({ outcome: "capped", batch: null });
});

const inAWhile = () => new Date(Date.now() + 3_600_000).toISOString();
