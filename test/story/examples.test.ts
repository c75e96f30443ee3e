import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, expect, test } from "vitest";
import { projectRoot } from "../../scripts/project-root.mjs";
import { httpRequest } from "../support/strict-push.ts";
import { until } from "../support/until.ts";
import { startProcess } from "./process.ts";
import { secret } from "./receiver.ts";
import { openRig, people, type Report } from "./rig.ts";

const folder = mkdtempSync(join(tmpdir(), "qunfa-examples-"));
const file = join(folder, "openids.txt");
writeFileSync(file, `${people(300).join("\n")}\n`);
afterAll(() => rmSync(folder, { recursive: true }));

const hasPython = spawnSync("python3", ["-c", "import bullmq"]).status === 0;

/** Each example, and how it is run; the last one only where its packages are. */
const examples = [
  ["enqueue.mjs", process.execPath],
  ["send.mjs", process.execPath],
  ["send.sh", "sh"],
  ...(hasPython ? ([["enqueue.py", "python3"]] as const) : []),
] as const;

async function run(example: string, program: string, args: readonly string[], env: Record<string, string>) {
  const child = spawn(program, [join("examples", example), ...args], {
    cwd: projectRoot,
    env: { PATH: process.env.PATH ?? "", ...env },
  });
  child.stdin.end();
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code: child.exitCode, stdout, stderr };
}

test.each(examples)(
  "examples/%s sends to every line of its file once, however often it runs, and tells the report",
  async (example, program) => {
    const rig = await openRig({ accounts: { demo: {} } });
    try {
      const env = { REDIS_URL: rig.redis.url, QUNFA_URL: rig.url };
      const { code, stdout, stderr } = await run(example, program, ["offer", file], env);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const lists = async () =>
        (await rig.client.keys("{qunfa*")).filter((key) => key.includes(":list:")).sort();
      const stored = await lists();
      const again = await run(example, program, ["offer", file], env);
      expect({ ...again, lists: await lists() }).toEqual({ code, stdout, stderr, lists: stored });
      if (example === "enqueue.py") await rig.shown("offer", ({ report }) => report !== null);
      else expect(reportIn(stdout)).toEqual((await rig.show("offer")).report);
      const desk = rig.desk("demo");
      expect((await rig.show("offer")).report).toMatchObject({
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
  },
);

/** The report itself, or what HTTP shows of its campaign. */
function reportIn(stdout: string): Report {
  const told = JSON.parse(stdout);
  return told.report ?? told;
}

const somewhere = { REDIS_URL: "redis://127.0.0.1:1", QUNFA_URL: "http://127.0.0.1:1" };

test.each(
  examples.flatMap(([example, program]) => [
    [example, "without arguments", program, [], somewhere] as const,
    [example, "without a file", program, ["offer"], somewhere] as const,
    [example, "without its address", program, ["offer", file], {}] as const,
  ]),
)("examples/%s %s says how it is used, and fails", async (example, _, program, args, env) => {
  const { code, stdout, stderr } = await run(example, program, args, env);
  expect({ code, stdout }).toEqual({ code: 64, stdout: "" });
  expect(stderr).toMatch(
    new RegExp(`^usage: (REDIS|QUNFA)_URL=\\S+ (node|sh|python3) examples/${example} .*file.*\n$`, "i"),
  );
});

test.each(examples)("examples/%s says that its file is missing", async (example, program) => {
  const { code, stdout, stderr } = await run(example, program, ["offer", "nowhere.txt"], somewhere);
  expect({ code, stdout, stderr }).toEqual({
    ...{ code: 66, stdout: "", stderr: "nowhere.txt: there is no such file\n" },
  });
});

test("examples/send.mjs says that Redis is away", async () => {
  const { code, stderr } = await run("send.mjs", process.execPath, ["offer", file], somewhere);
  expect(code).toBe(69);
  expect(stderr).toMatch(/^REDIS_AWAY: .+\n$/);
});

test("examples/enqueue.mjs and send.mjs say in one line why a campaign is none", async () => {
  const empty = join(folder, "nobody.txt");
  writeFileSync(empty, "\n");
  const rig = await openRig({ accounts: { demo: {} } });
  try {
    for (const [example, args, why] of [
      ["enqueue.mjs", ["offer", empty], /^\S+nobody\.txt: there is no OpenID in it\n$/],
      ["enqueue.mjs", ["12", file], /^Custom Id cannot be integers\n$/],
      ["enqueue.mjs", ["of fer", file], /^[A-Z_]+: .+\n$/],
      ["send.mjs", ["offer", empty], /^INVALID_PARAMETER: .+\n$/],
      ["send.mjs", ["12", file], /^INVALID_PARAMETER: id: .+\n$/],
    ] as const) {
      const { code, stdout, stderr } = await run(example, process.execPath, args, {
        REDIS_URL: rig.redis.url,
      });
      expect({ args, code, stdout }).toEqual({ args, code: 65, stdout: "" });
      expect(stderr).toMatch(why);
    }
    // The same id is not used up by a file that had nobody in it.
    expect(
      await run("enqueue.mjs", process.execPath, ["offer", file], { REDIS_URL: rig.redis.url }),
    ).toMatchObject({
      code: 0,
      stderr: "",
    });
    rig.expectClean();
  } finally {
    await rig.close();
  }
});

test("examples/send.sh hands on what the server refuses", async () => {
  const { code, stderr } = await run("send.sh", "sh", ["offer", file], somewhere);
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/curl: .*connect/);
});

test("examples/send.sh prints why the server refuses what it sends, and ends", async () => {
  const rig = await openRig({ accounts: { other: {} } });
  const empty = join(folder, "empty.txt");
  writeFileSync(empty, "\n");
  try {
    for (const [path, why] of [
      [file, /"code":"BAD_CAMPAIGN".*account/],
      [empty, /There is no entry.*"code":"INVALID_PARAMETER"/],
    ] as const) {
      const { code, stdout, stderr } = await run("send.sh", "sh", ["offer", path], { QUNFA_URL: rig.url });
      expect({ code, stdout }).toEqual({ code: 22, stdout: "" });
      expect(stderr).toMatch(why);
    }
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
