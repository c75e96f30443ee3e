import { execFileSync, spawn } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect } from "vitest";
import type { Signature } from "../../src/campaign/audit.ts";
import { runCommandLine } from "../../src/cli/program.ts";
import { createCampaignDesk } from "../../src/compose-campaigns.ts";
import { Failure } from "../../src/failure.ts";
import { createLogger } from "../../src/log.ts";
import { packLines } from "../../src/store/blob.ts";
import { noLists, noOperations, noWechat } from "../support/no-desk.ts";
import { until } from "../support/until.ts";
import { account, newBatch, type Rig, test } from "./rig.ts";

type Options = {
  isTty?: boolean;
  env?: Record<string, string>;
  interrupt?: Promise<unknown>;
  moved?: Signature[];
  /** Said before each part of an export but the first. */
  beforePart?: () => Promise<unknown>;
};

/** A stream that says of itself that a person sees it. */
function screen(isTty: boolean) {
  const stream = Object.assign(new PassThrough(), { isTTY: isTty, columns: 80, rows: 24 });
  let shown = "";
  stream.on("data", (chunk) => {
    shown += chunk;
  });
  return { stream, shown: () => shown };
}

/** Runs `qunfa` in this process on the ledger of a rig. */
function start(
  rig: Rig,
  args: readonly string[],
  { isTty = true, env = {}, interrupt, moved, beforePart }: Options = {},
) {
  const [stdout, stderr] = [screen(isTty), screen(isTty)];
  const config = { accounts: [], sendTimeoutMs: 1_000, webhookSecrets: [], allowPrivateUrls: [] };
  const desk = createCampaignDesk({ ...rig, config, log: createLogger("silent") });
  const code = runCommandLine(args, {
    env,
    stdin: Readable.from([]),
    ...{ stdout: stdout.stream, stderr: stderr.stream },
    open: async () => ({
      ...{ ...noLists, ...noWechat, ...noOperations, accounts: new Map(), clock: rig.clock },
      ...{ caps: rig.caps, bookings: {} as never, close: async () => {} },
      campaigns: {
        ...desk,
        recipients: async function* (campaign) {
          for await (const some of desk.recipients(campaign)) {
            yield some;
            await beforePart?.();
          }
        },
        move: (id, move, by) => {
          moved?.push(by);
          return desk.move(id, move, by);
        },
      },
    }),
    openDoctor: () => Promise.reject(new Error("the doctor was called")),
    openSandbox: () => Promise.reject(new Error("a sandbox was started")),
    onInterrupt: (listener) => {
      void interrupt?.then(listener);
      return () => {};
    },
  });
  return { code, stdout: stdout.shown, stderr: stderr.shown };
}

async function run(...given: Parameters<typeof start>) {
  const { code, stdout, stderr } = start(...given);
  const exit = await code;
  await turn();
  return { code: exit, stdout: stdout(), stderr: stderr() };
}

const RED = "\u001b[31m";

/** A campaign of one batch that has failed, with its report. */
async function failed(rig: Rig) {
  const address = await rig.planOne("offer");
  await rig.drop(address, "failed");
  await rig.setCampaign("offer", { state: "failed" });
}

describe("colours", () => {
  test("are shown on a terminal", async ({ rig }) => {
    await failed(rig);
    expect((await run(rig, ["batch", "list", "offer"])).stdout).toContain(`${RED}failed`);
  });

  test.for<[string, Options]>([
    ["to a pipe", { isTty: false }],
    ["with NO_COLOR", { env: { NO_COLOR: "1" } }],
    ["on a dumb terminal", { env: { TERM: "dumb" } }],
  ])("are left out %s", async ([_, options], { rig }) => {
    await failed(rig);
    const { stdout } = await run(rig, ["batch", "list", "offer"], options);
    expect(stdout).toContain("failed");
    expect(stdout).not.toContain("\u001b");
  });

  test("are no part of what machines read", async ({ rig }) => {
    await failed(rig);
    for (const output of ["json", "ndjson"])
      expect((await run(rig, ["-o", output, "batch", "list", "offer"])).stdout).not.toContain("\u001b");
  });
});

describe("what others have written", () => {
  /** It hides, overwrites, breaks the line, turns it around, and goes on in red. */
  const evil = `a\u001b[2J\u001b]0;t\u0007\u009b1A\r\nb\u202ec${RED}d`;
  const plain = "a�[2J�]0;t��1A b�c�[31md";

  test("can't steer the terminal nor break a table; machines get it as it is", async ({ rig }) => {
    await rig.prepare("offer", { name: evil });
    const told = (await run(rig, ["campaign", "list"])).stdout;
    expect(told).toContain(plain);
    expect(told.split("\n").map((line) => /^[│┌└]/.test(line))).toEqual([true, true, true, true, false]);
    expect((await run(rig, ["campaign", "show", "offer"])).stdout).toContain(plain);
    const json = await run(rig, ["campaign", "list", "-o", "json"]);
    expect(JSON.parse(json.stdout).items).toMatchObject([{ name: evil }]);
  });

  test("can't steer it from a line of watch, nor from its bar", async ({ rig }) => {
    const [one] = await rig.plan("offer", [2]);
    if (!one) throw new Error("there is none");
    await rig.batches.noteWait(one, {
      reason: "account",
      until: null,
      trouble: { code: "WECHAT_REFUSED", message: evil },
    });
    for (const isTty of [true, false]) {
      let interrupt = () => {};
      const stop = new Promise<void>((resolve) => {
        interrupt = resolve;
      });
      const watching = start(rig, ["campaign", "watch", "offer"], { isTty, interrupt: stop });
      const seen = isTty ? watching.stderr : watching.stdout;
      await until(() => seen().includes("person"));
      interrupt();
      await watching.code;
      expect(seen()).toContain(plain);
    }
  });

  test("can't steer it from an export that a person looks at; a pipe gets it as it is", async ({ rig }) => {
    const campaign = await rig.prepare("offer", { shards: 1, chunks: 1 });
    await rig.audiences.storeList(campaign, ["oExport_00000000000000000001", `x\u001b[2J"`]);
    const audience = { ...campaign.audience, received: 2 };
    await rig.campaigns.startSending(campaign, { planned: 0, audience, sendableAt: 0, reason: undefined });
    const line = async (isTty: boolean) =>
      (await run(rig, ["campaign", "export", "offer", "--outcome", "invalid"], { isTty })).stdout.split(
        "\n",
      )[1];
    expect(await line(true)).toBe('"x�[2J""",invalid,,,');
    expect(await line(false)).toBe('"x\u001b[2J""",invalid,,,');
  });
});

describe("watching", () => {
  test("shows a bar to a person, on stderr, and lines to a pipe", async ({ rig }) => {
    await rig.plan("offer", [2, 2]);
    for (const isTty of [true, false]) {
      let interrupt = () => {};
      const stop = new Promise<void>((resolve) => {
        interrupt = resolve;
      });
      const watching = start(rig, ["campaign", "watch", "offer"], { isTty, interrupt: stop });
      const seen = isTty ? watching.stderr : watching.stdout;
      await until(() => seen().includes("0%"));
      interrupt();
      expect(await watching.code).toBe(130);
      expect(watching.stdout()).toBe(isTty ? "" : "sending, 0%, 0 sent\n");
      expect(watching.stderr()).toContain("The campaign goes on; nobody watches it any more.\n");
      if (!isTty) expect(watching.stderr()).not.toContain("%");
    }
  });

  test("tells what a campaign waits for, and that a person must act", async ({ rig }) => {
    const [one] = await rig.plan("offer", [2]);
    if (!one) throw new Error("there is none");
    await rig.batches.noteWait(one, { reason: "account", until: null });
    const { stdout } = await run(rig, ["campaign", "show", "offer"], { isTty: false });
    expect(stdout).toMatch(/waits for +│ account: a person must act/);
  });
});

test("who moves a campaign, and why, is handed on", async ({ rig }) => {
  await rig.prepare("offer", { startAt: rig.clock.now() + 1_000 });
  const moved: Signature[] = [];
  const pause = ["campaign", "pause", "offer", "--reason", "wrong price"];
  expect((await run(rig, pause, { moved })).code).toBe(0);
  expect((await run(rig, ["campaign", "cancel", "offer", "--yes"], { moved })).code).toBe(0);
  expect(moved).toEqual([
    { who: expect.stringMatching(/./), why: "wrong price" },
    { who: moved[0]?.who, why: undefined },
  ]);
});

test("export tells of who left a batch, of who was capped or excluded, and of entries that were none", async ({
  rig,
}) => {
  const person = (number: number) => `oExport_${String(number).padStart(20, "0")}`;
  const campaign = await rig.prepare("offer", { shards: 1, chunks: 1 });
  const openids = [0, 1, 2, 3, 4, 5].map(person);
  await rig.audiences.storeList(campaign, [...openids, "no one"]);
  const read = await rig.caps.read({ account, month: "2031-03" }, 0);
  await rig.audiences.admit(campaign, "2031-03", {
    ...{ shard: 0, read, duplicate: 0 },
    admitted: openids.slice(0, 4) as never,
    capped: [person(4)] as never,
    excluded: [person(5)] as never,
  });
  const at = (offset: number) => ({ shard: 0, offset });
  await rig.batches.add(account, { ...newBatch(campaign.id, 1), from: at(0), to: at(2) });
  await rig.batches.add(account, { ...newBatch(campaign.id, 2), from: at(2), to: at(4) });
  const audience = { ...campaign.audience, received: 7, admitted: 4 };
  await rig.campaigns.startSending(campaign, { planned: 2, audience, sendableAt: 0, reason: undefined });

  const rows = async () =>
    (await run(rig, ["campaign", "export", "offer"], { isTty: false })).stdout.trimEnd().split("\n").slice(1);
  const of = (number: number, told: string) => `${person(number)},${told}`;
  const others = [of(4, "capped,,,"), of(5, "excluded,,,"), '"no one",invalid,,,'];
  expect(await rows()).toEqual([
    ...[of(0, "admitted,1,planned,"), of(1, "admitted,1,planned,")],
    ...[of(2, "admitted,2,planned,"), of(3, "admitted,2,planned,")],
    ...others,
  ]);

  // Admitted again in a later month: one is left, and alone can't be sent to.
  await rig.redis.hset(rig.keys.plan(account, campaign.id), "batch:2", await packLines([person(2)]));
  await rig.redis.hset(rig.keys.batch(account, campaign.id, 2), { readmitted: "true", size: 0 });
  expect((await rows()).slice(2)).toEqual([
    ...[of(2, "excluded,2,planned,"), of(3, "capped,2,planned,")],
    ...others,
  ]);
  expect(await rig.lookup.recipient(await rig.campaigns.get(campaign), person(2))).toEqual({
    outcome: "excluded",
    batch: 2,
  });
});

describe("an export into a file", () => {
  const CURSOR = { hidden: "\u001b[?25l", shown: "\u001b[?25h" };
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "qunfa-export-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A campaign of two people and two parts, its list taken in. */
  async function taken(rig: Rig): Promise<void> {
    const campaign = await rig.prepare("offer", { shards: 1, chunks: 1 });
    await rig.audiences.storeList(campaign, ["oExport_00000000000000000001", "no one"]);
    const audience = { ...campaign.audience, received: 2 };
    await rig.campaigns.startSending(campaign, { planned: 0, audience, sendableAt: 0, reason: undefined });
  }

  const written = (file: string) => readFileSync(file, "utf8").split("\n")[0];
  const HEADER = "openid,outcome,batch,state,msg_id";

  test("that Ctrl-C ends shows the cursor again, ends with 130, and leaves what was there before", async ({
    rig,
  }) => {
    await taken(rig);
    for (const before of [undefined, "what was there before"]) {
      const file = join(folder, "out.csv");
      if (before !== undefined) writeFileSync(file, before);
      let interrupt = () => {};
      const pressed = new Promise<void>((resolve) => {
        interrupt = resolve;
      });
      const never = new Promise(() => {});
      const beforePart = () => {
        interrupt();
        return never;
      };
      const ended = await run(rig, ["campaign", "export", "offer", "--out", file], {
        interrupt: pressed,
        beforePart,
      });
      expect(ended).toMatchObject({ code: 130, stdout: "" });
      expect(ended.stderr).toContain(CURSOR.hidden);
      expect(ended.stderr.split(CURSOR.hidden).at(-1)).toContain(CURSOR.shown);
      expect(readdirSync(folder)).toEqual(before === undefined ? [] : ["out.csv"]);
      if (before !== undefined) expect(readFileSync(file, "utf8")).toBe(before);
    }
  });

  test("stands beside it until it is whole, for its owner alone", async ({ rig }) => {
    await taken(rig);
    const file = join(folder, "out.csv");
    writeFileSync(file, "old", { mode: 0o644 });
    const seen: (string | number)[] = [];
    const beforePart = async () => {
      const [part = ""] = readdirSync(folder).filter((name) => name !== "out.csv");
      seen.push(readFileSync(file, "utf8"), statSync(join(folder, part)).mode & 0o777);
    };
    expect(await run(rig, ["campaign", "export", "offer", "--out", file], { beforePart })).toMatchObject({
      code: 0,
    });
    expect(seen.slice(0, 2)).toEqual(["old", 0o600]);
    expect(readdirSync(folder)).toEqual(["out.csv"]);
    expect([written(file), statSync(file).mode & 0o777]).toEqual([HEADER, 0o600]);
  });

  test("goes where a link leads, and into a pipe as it comes", async ({ rig }) => {
    await taken(rig);
    const out = (name: string) => ["campaign", "export", "offer", "--out", join(folder, name)];
    mkdirSync(join(folder, "there"));
    writeFileSync(join(folder, "there/file.csv"), "old");
    symlinkSync("there/file.csv", join(folder, "link"));
    symlinkSync("there/new.csv", join(folder, "dangling"));
    for (const [name, target] of [
      ["link", "there/file.csv"],
      ["dangling", "there/new.csv"],
    ] as const) {
      expect(await run(rig, out(name))).toMatchObject({ code: 0 });
      expect(lstatSync(join(folder, name)).isSymbolicLink()).toBe(true);
      expect(written(join(folder, target))).toBe(HEADER);
    }
    expect(readdirSync(join(folder, "there")).sort()).toEqual(["file.csv", "new.csv"]);

    execFileSync("mkfifo", [join(folder, "pipe")]);
    const reader = spawn("cat", [join(folder, "pipe")]);
    const [read, { code }] = await Promise.all([text(reader.stdout), run(rig, out("pipe"))]);
    expect([read.split("\n")[0], code]).toEqual([HEADER, 0]);
    expect(lstatSync(join(folder, "pipe")).isFIFO()).toBe(true);
  });

  test("that a mistake stops leaves nothing, and says which file", async ({ rig }) => {
    await taken(rig);
    const beforePart = () => Promise.reject(new Failure("AUDIENCE_LOST", "a piece is gone"));
    const file = join(folder, "out.csv");
    expect(await run(rig, ["campaign", "export", "offer", "--out", file], { beforePart })).toMatchObject({
      code: 70,
    });
    expect(readdirSync(folder)).toEqual([]);
    const nowhere = await run(rig, ["campaign", "export", "offer", "--out", join(folder, "no/where.csv")]);
    expect(nowhere).toMatchObject({ code: 66, stderr: expect.stringContaining("where.csv: ENOENT") });
  });
});
