import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type EventSource, openEventSource } from "../support/event-source.ts";
import { until } from "../support/until.ts";
import { openRig, people, type Rig } from "./rig.ts";

let rig: Rig;
const sources: EventSource[] = [];
beforeAll(async () => {
  rig = await openRig({ accounts: { acme: {}, shop: {}, late: {} }, env: { QUNFA_POLL_MS: "200,300" } });
});
afterEach(() => rig.expectClean());
afterAll(async () => {
  for (const source of sources) source.close();
  await rig.close();
});

async function listen(url: string, query: string, headers: Record<string, string> = {}) {
  const source = await openEventSource(`${url}/v1/events${query}`, headers);
  sources.push(source);
  expect(source.status).toBe(200);
  await until(() => source.beats() > 0);
  return source;
}

const fromNow = (ms: number) => new Date(Date.now() + ms).toISOString();
const kinds = ({ events }: EventSource) =>
  events.map(({ event, data }) => (event === "campaign.state" ? String(data.state) : event));

test("a campaign's whole life is told, over a restart of the server, each thing once", async () => {
  const { process, url } = await rig.startServer();
  const source = await listen(url, "?campaign=offer");
  const other = await listen(url, "?account=shop");
  const schedule = { startAt: fromNow(600_000) };
  await rig.add("offer", "acme", people(25_000), { schedule, hold: "first-batch" });
  await until(() => kinds(source).includes("scheduled"));
  await rig.move("pause", "offer");
  await until(() => kinds(source).includes("paused"));
  const seen = [...source.events];

  process.kill("SIGTERM");
  expect(await process.exited).toMatchObject({ code: 0 });
  expect([source.hasEnded(), source.isComplete()]).toEqual([true, true]);
  await rig.move("resume", "offer");
  await rig.move("cancel", "offer");
  await rig.shown("offer", ({ state }) => state === "canceled");

  const again = await rig.startServer();
  const resumed = await listen(again.url, "?campaign=offer", { "last-event-id": source.lastId() });
  await until(() => kinds(resumed).includes("campaign.closed"));
  const states = [...seen, ...resumed.events].filter(({ event }) => event === "campaign.state");
  const told = states.map(({ data }) => data.state);
  expect(told.slice(0, 2)).toEqual(["scheduled", "paused"]);
  expect(told.filter((state, at) => state === told[at - 1])).toEqual([]);
  const { report } = await rig.show("offer");
  expect(resumed.events.at(-1)).toMatchObject({
    event: "campaign.closed",
    data: { id: "offer", account: "acme", state: "canceled", report },
  });
  const ids = [...seen, ...resumed.events].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(other.events).toEqual([]);
});

test("progress is told while batches move, and a correction after the end", async () => {
  const source = await listen(rig.url, "?account=late");
  const desk = rig.desk("late");
  desk.usual = { result: { when: "never", poll: "SEND_SUCCESS" } };
  await rig.report(await rig.add("late", "late", people(15_000)));
  await until(() => kinds(source).includes("campaign.closed"));
  for (const sent of desk.books.sends) await desk.push(sent, {});
  await until(() => kinds(source).filter((kind) => kind === "campaign.corrected").length === 2);
  const told = kinds(source);
  expect(told.slice(0, 2)).toEqual(["preparing", "sending"]);
  expect(told.filter((kind) => kind === "campaign.closed")).toHaveLength(1);
  expect(told.indexOf("campaign.progress")).toBeGreaterThan(0);
  expect(told.lastIndexOf("campaign.progress")).toBeLessThan(told.indexOf("campaign.closed"));
  const progress = source.events.find(({ event }) => event === "campaign.progress");
  expect(progress?.data).toMatchObject({
    ...{ id: "late", account: "late", state: "sending" },
    progress: { percent: expect.any(Number), batches: { planned: 2 }, recipients: {} },
  });
  const { report } = await rig.show("late");
  expect(source.events.at(-1)).toMatchObject({ event: "campaign.corrected", data: { report } });
});
