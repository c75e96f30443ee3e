import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { finishXml, httpRequest } from "../support/strict-push.ts";
import { until } from "../support/until.ts";
import { expectOnce, expectTrue, openRig, people, type Rig } from "./rig.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await openRig({ accounts: { console: {}, early: {} } });
});
afterEach(() => rig.expectClean());
afterAll(() => rig.close());

const counts = { total: 60, filter: 60, sent: 60, error: 0 };

type Listed = { items: { msgId: string; bookable: boolean; booked: object | null }[]; total: number };
const list = (account: string) => rig.get<Listed>(`/v1/accounts/${account}/external-sends`);

async function book(account: string, body: object) {
  const headers = { "content-type": "application/json" };
  const url = `${rig.url}/v1/accounts/${account}/external-sends`;
  const { status, text } = await httpRequest(url, { method: "POST", headers, body: JSON.stringify(body) });
  return { status, ...(JSON.parse(text) as object) };
}

test("a send from WeChat's console is seen, booked once, and leaves its people one message less", async () => {
  const desk = rig.desk("console");
  const msgId = "3147483700";
  const reached = { type: "openids", openids: people(60) };
  await desk.post(finishXml({ msgId, status: "send success", counts }));
  expect(await list("console")).toMatchObject({
    items: [{ msgId, bookable: true, booked: null, result: { state: "succeeded", counts: { sent: 60 } } }],
    total: 1,
  });
  expect(await book("console", { msgId, audience: reached })).toMatchObject({ status: 201 });
  expect(await book("console", { msgId, audience: reached })).toMatchObject({ status: 200 });
  expect(await list("console")).toMatchObject({
    items: [{ bookable: false, booked: { audience: { booked: 60 } } }],
  });

  const report = await rig.report(await rig.add("after", "console", people(100), { perUserPerMonth: 1 }));
  expectTrue(desk, "after", report);
  expect(report.audience).toMatchObject({ capped: 60, admitted: 40 });
  expectOnce(desk, "after", people(40, 60));
  const caps = await rig.get("/v1/accounts/console/caps");
  expect(caps).toMatchObject({ users: { 1: 100, 2: 0 }, base: 0 });
});

test("a result of our own that comes before the answer to its call is nobody's to book", async () => {
  const desk = rig.desk("early");
  let answer: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  desk.script.push({ until: held, result: { when: "never" } });
  const job = await rig.add("early", "early", people(60));
  const sent = await until(() => desk.books.sends[0]);
  await desk.push(sent, {});
  const { msgId } = sent;
  expect(await list("early")).toMatchObject({ items: [{ msgId, bookable: false }], total: 1 });
  const all = { audience: { type: "all" } };
  expect(await book("early", { ...all, msgId })).toMatchObject({ status: 409, code: "MSG_ID_IN_DOUBT" });

  answer();
  expect(await rig.report(job)).toMatchObject({ state: "completed", countsMissing: 0 });
  expect(await list("early")).toMatchObject({ items: [], total: 0 });
  expect(await book("early", { ...all, msgId })).toMatchObject({ status: 409, code: "MSG_ID_OWNED" });
  expect(await rig.get("/v1/accounts/early/caps")).toMatchObject({ users: { 1: 60 }, base: 0 });
});
