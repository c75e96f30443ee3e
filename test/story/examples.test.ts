import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { httpRequest } from "../support/strict-push.ts";
import { until } from "../support/until.ts";
import { startProcess } from "./process.ts";
import { secret } from "./receiver.ts";
import { openRig, people, type Report } from "./rig.ts";

const folder = mkdtempSync(join(tmpdir(), "qunfa-examples-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("examples/enqueue.mjs sends to every line of its file once and prints the report", async () => {
  const rig = await openRig({ accounts: { demo: {} } });
  try {
    const file = join(folder, "openids.txt");
    writeFileSync(file, `${people(300).join("\n")}\n`);
    const example = startProcess("examples/enqueue.mjs", { REDIS_URL: rig.redis.url }, ["offer", file]);

    expect(await example.exited).toEqual({ code: 0, signal: null });
    expect(example.stderr()).toBe("");
    const report = JSON.parse(example.output()) as Report;
    const desk = rig.desk("demo");
    expect(report).toMatchObject({
      state: "completed",
      audience: { received: 300, invalid: 0, duplicate: 0, excluded: 0, capped: 0, admitted: 300 },
      batches: { planned: 1, succeeded: 1, failed: 0, needsReview: 0, canceled: 0 },
      recipients: desk.books.recipients("您好"),
      sendCalls: 1,
    });
    const received = desk.books.received("您好");
    expect([...received.keys()].sort()).toEqual(people(300));
    expect([...received.values()].every((times) => times === 1)).toBe(true);
    rig.expectClean();
  } finally {
    await rig.close();
  }
});

test("examples/receive-report.mjs prints a campaign's report and its correction, each once", async () => {
  const receiver = startProcess("examples/receive-report.mjs", {
    ...{ PORT: "0", QUNFA_WEBHOOK_SECRET: secret },
  });
  const listening = await until(() => receiver.lines().find(({ listening }) => listening !== undefined));
  const host = `127.0.0.1:${listening.listening}`;
  const rig = await openRig({
    accounts: { demo: {} },
    env: { QUNFA_WEBHOOK_SECRET: secret, QUNFA_ALLOW_PRIVATE_URLS: host, QUNFA_POLL_MS: "200" },
  });
  try {
    const desk = rig.desk("demo");
    desk.usual = { result: { when: "never", poll: "SEND_SUCCESS" } };
    const job = await rig.add("offer", "demo", people(40), { notifyUrl: `http://${host}/` });
    const report = await rig.report(job);
    const printed = () => receiver.lines().slice(1);
    await until(() => printed().length === 1);
    for (const sent of desk.books.sends) await desk.push(sent, {});
    await until(() => printed().length === 2);
    expect(printed()).toMatchObject([
      { type: "campaign.closed", ...report, revision: 1 },
      { type: "campaign.corrected", campaignId: "offer", revision: 2, countsMissing: 0 },
    ]);
    const forged = await httpRequest(`http://${host}/`, { method: "POST", body: "{}" });
    expect(forged.status).toBe(401);
    rig.expectClean();
  } finally {
    await rig.close();
    receiver.kill("SIGTERM");
    expect(await receiver.exited).toMatchObject({ code: 0 });
  }
});

test("examples/receive-report.mjs without a port or a secret says how it is used, with exit code 64", async () => {
  for (const env of [{}, { PORT: "0" }, { PORT: "0", QUNFA_WEBHOOK_SECRET: "plain" }]) {
    const example = startProcess("examples/receive-report.mjs", env);
    expect(await example.exited).toEqual({ code: 64, signal: null });
    expect(example.stderr()).toMatch(/^usage: PORT=/);
  }
});

test.each([
  ["without arguments", { REDIS_URL: "redis://127.0.0.1:1" }, []],
  ["without a file", { REDIS_URL: "redis://127.0.0.1:1" }, ["offer"]],
  ["without REDIS_URL", {}, ["offer", "openids.txt"]],
])("examples/enqueue.mjs %s says how it is used, with exit code 64", async (_, env, args) => {
  const example = startProcess("examples/enqueue.mjs", env, args);
  expect(await example.exited).toEqual({ code: 64, signal: null });
  expect(example.stderr()).toMatch(/^usage: REDIS_URL=\S+ node examples\/enqueue\.mjs .*<file.*>\n$/);
});
