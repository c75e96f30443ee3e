import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { findPromtool } from "../../scripts/promtool.mjs";
import { samplesIn, sumIn } from "../support/scraped.ts";
import { eventXml, finishXml, httpRequest, sealPush } from "../support/strict-push.ts";
import { until } from "../support/until.ts";
import { openRig, people, type Rig } from "./rig.ts";

const promtool = findPromtool() ?? "";
/** Nobody listens there. */
const nobody = "http://127.0.0.1:9/callback";

let rig: Rig;
beforeAll(async () => {
  rig = await openRig({
    accounts: { acme: {}, polled: {}, odd: {}, bot: { forwardTo: nobody } },
    env: { QUNFA_METRICS_PORT: "0", QUNFA_POLL_MS: "300" },
  });
});
afterEach(() => rig.expectClean());
afterAll(() => rig.close());

/** The server's metrics, and the worker's. */
async function scrapes(): Promise<{ server: string; worker: string }> {
  const [worker] = rig.workers();
  const metrics = worker?.lines().find(({ msg }) => msg === "The worker is ready")?.metrics;
  const texts = [rig.url, String(metrics)].map(async (url) => (await httpRequest(`${url}/metrics`)).text);
  const [ofServer = "", ofWorker = ""] = await Promise.all(texts);
  return { server: ofServer, worker: ofWorker };
}

type Labels = Record<string, string>;
/** What was counted by both, as Prometheus adds it up. */
async function counted(name: string, labels: Labels): Promise<number> {
  const { server, worker } = await scrapes();
  return (sumIn(server, name, labels) ?? 0) + (sumIn(worker, name, labels) ?? 0);
}
const untilCounted = (name: string, labels: Labels, wanted: number) =>
  until(async () => (await counted(name, labels)) === wanted, {
    describe: async () => ({ name, labels, wanted, is: await counted(name, labels) }),
  });

test("after a campaign, server and worker together have counted what its report says", async () => {
  const account = "acme";
  const entries = [...people(25_000), "bad", ...people(3)];
  const { audience, recipients, sendCalls } = await rig.report(await rig.add("spring", account, entries));

  await untilCounted("qunfa_campaigns_closed_total", { account, state: "completed" }, 1);
  expect(await counted("qunfa_campaigns_closed_total", {})).toBe(1);
  await untilCounted("qunfa_batches_closed_total", { account, state: "succeeded", by: "callback" }, 3);
  const { received, ...outcomes } = audience;
  for (const [outcome, wanted] of Object.entries(outcomes))
    expect(await counted("qunfa_audience_entries_total", { account, outcome }), outcome).toBe(wanted);
  expect(await counted("qunfa_audience_entries_total", { account })).toBe(received);
  const { total: _total, ...seen } = recipients;
  for (const [outcome, wanted] of Object.entries(seen))
    expect(await counted("qunfa_recipients_total", { account, outcome }), outcome).toBe(wanted);

  const api = "/cgi-bin/message/mass/send";
  expect(await counted("qunfa_wechat_calls_total", { account, api, errcode: "0" })).toBe(sendCalls);
  expect(await counted("qunfa_wechat_call_duration_seconds_count", { api })).toBe(sendCalls);
  expect(await counted("qunfa_wechat_calls_total", { account, api: "/cgi-bin/stable_token" })).toBe(1);
  expect(await counted("qunfa_callback_delay_seconds_count", { account })).toBe(3);
  expect(await counted("qunfa_callbacks_total", { account, kind: "mass-result" })).toBe(3);
  await untilCounted("qunfa_quota_left", { account, api: "send" }, 97);
  await untilCounted("qunfa_cap_users", { account, messages: "1" }, 25_000);
  expect(await counted("qunfa_workers", {})).toBe(1);
  // The ledger knows of a batch's end before its job does.
  await untilCounted("qunfa_queue_jobs", { queue: "batches", state: "completed" }, 3);
  expect(await counted("qunfa_redis_up", {})).toBe(2);
});

test("a batch that a poll closed, and whose result comes late: ended once, its people counted by the difference", async () => {
  const account = "polled";
  const desk = rig.desk(account);
  desk.usual = { result: { when: "never", poll: "SEND_SUCCESS" } };
  const job = await rig.add("polled", account, people(60));
  expect(await rig.report(job)).toMatchObject({ state: "completed", countsMissing: 1 });
  await untilCounted("qunfa_batches_closed_total", { account, by: "poll" }, 1);
  await untilCounted("qunfa_recipients_total", { account, outcome: "submitted" }, 60);
  expect(await counted("qunfa_recipients_total", { account, outcome: "sent" })).toBe(0);

  const [sent] = desk.books.sends;
  if (!sent) throw new Error("nothing was sent");
  for (let times = 0; times < 3; times++) await desk.push(sent, { counts: [60, 58, 50, 8] });
  await untilCounted("qunfa_recipients_total", { account, outcome: "sent" }, 50);
  for (const [outcome, wanted] of Object.entries({ submitted: 60, filtered: 2, failed: 8 }))
    expect(await counted("qunfa_recipients_total", { account, outcome }), outcome).toBe(wanted);
  expect(await counted("qunfa_campaigns_closed_total", { account })).toBe(1);
  expect(await counted("qunfa_batches_closed_total", { account })).toBe(1);
  expect(await counted("qunfa_callback_delay_seconds_count", { account })).toBe(1);
  expect(await counted("qunfa_callbacks_total", { account, kind: "mass-result" })).toBe(3);
});

test("what is open is shown as it stands: an accepted batch, one under review, a result of nobody's, a job that was lost", async () => {
  const account = "odd";
  const desk = rig.desk(account);
  desk.script.push({ answer: { errcode: 987_654 } });
  expect(await rig.report(await rig.add("odd", account, people(20)))).toMatchObject({
    batches: { needsReview: 1 },
  });
  await untilCounted("qunfa_batches_in_review", { account }, 1);
  await untilCounted("qunfa_campaigns_closed_total", { account, state: "partly_completed" }, 1);
  expect(await counted("qunfa_wechat_calls_total", { account, errcode: "unlisted" })).toBe(1);

  const counts = { total: 5, filter: 5, sent: 5, error: 0 };
  await desk.post(finishXml({ msgId: "9000000001", status: "send success", counts }));
  await untilCounted("qunfa_unmatched_callbacks", { account }, 1);

  const { query, body } = sealPush(desk.account, "<xml></xml>");
  query.set("signature", "0".repeat(40));
  await httpRequest(`${rig.url}/wechat/${account}/callback?${query}`, { method: "POST", body });
  await untilCounted("qunfa_callbacks_refused_total", { account, code: "BAD_SIGNATURE" }, 1);
  const refused = { method: "POST", route: "/wechat/:account/callback", status: "403" };
  expect(await counted("qunfa_http_requests_total", refused)).toBe(1);

  desk.usual = { result: { when: "never", poll: "SENDING" } };
  await rig.add("open", account, people(30, 100));
  await untilCounted("qunfa_batches", { account, state: "accepted" }, 1);
  expect(await counted("qunfa_open_recipients", { account, outcome: "submitted" })).toBe(30);
  expect(await counted("qunfa_campaigns", { account, state: "sending" })).toBe(1);
  await until(async () => (await counted("qunfa_oldest_accepted_batch_age_seconds", { account })) > 0);
  expect(await counted("qunfa_reconciler_repairs_total", {})).toBe(0);
  await until(async () => (await rig.queues.batches.remove("open~1")) === 1);
  await untilCounted("qunfa_reconciler_repairs_total", {}, 1);
});

test("a handler at forwardTo that nobody answers is counted", async () => {
  const at = Math.floor(Date.now() / 1_000);
  const [openid = ""] = people(1);
  await rig.desk("bot").post(eventXml({ openid, event: "CLICK", at, key: "menu" }));
  await untilCounted("qunfa_forward_failures_total", { account: "bot", reason: "no-answer" }, 1);
  expect(await counted("qunfa_callbacks_total", { account: "bot", kind: "event" })).toBe(1);
});

test("a result that came before its send was answered has taken no time", async () => {
  const account = "bot";
  rig.desk(account).usual = { result: { when: "before" } };
  await rig.report(await rig.add("early", account, people(40)));
  await untilCounted("qunfa_callback_delay_seconds_count", { account }, 1);
  expect(await counted("qunfa_callback_delay_seconds_sum", { account })).toBe(0);
});

test("every metric that an alert asks for is really there", async () => {
  const { server, worker } = await scrapes();
  const names = new Set([...samplesIn(server), ...samplesIn(worker)].map(({ name }) => name));
  const rules = readFileSync("examples/prometheus/alerts.yml", "utf8");
  const asked = [...rules.matchAll(/\b(?:qunfa|nodejs|process)_\w+/g)].map(([name]) => name);
  expect(asked.length).toBeGreaterThan(20);
  expect(asked.filter((name) => !names.has(name))).toEqual([]);
});

test("no label holds a person, a campaign or a message", async () => {
  const words = Object.values(await scrapes()).flatMap((text) =>
    samplesIn(text).flatMap(({ labels }) => Object.values(labels)),
  );
  const msgIds = ["acme", "polled", "odd"].flatMap((id) =>
    rig.desk(id).books.sends.map(({ msgId }) => msgId),
  );
  for (const secret of ["oStory", "spring", "9000000001", ...msgIds])
    expect(words.filter((word) => word.includes(secret))).toEqual([]);
});

test.skipIf(promtool === "")(
  "Prometheus' own parser and linter take what server and worker say (without promtool, which apt brings, nobody asks it)",
  async () => {
    for (const [process, input] of Object.entries(await scrapes())) {
      const checked = spawnSync(promtool, ["check", "metrics"], { input, encoding: "utf8" });
      expect([process, checked.status, checked.stdout + checked.stderr]).toEqual([process, 0, ""]);
    }
  },
);
