import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
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
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { Failure } from "../../src/failure.ts";
import { packLines } from "../../src/store/blob.ts";
import { createCtrlC, run } from "./qunfa.ts";
import { account, newBatch, type Rig, test } from "./rig.ts";

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

test("an export that a person looks at can't steer their terminal; a pipe gets it as it is", async ({
  rig,
}) => {
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
      const ctrlC = createCtrlC();
      const never = new Promise(() => {});
      const beforePart = () => {
        ctrlC.press();
        return never;
      };
      const ended = await run(rig, ["campaign", "export", "offer", "--out", file], {
        interrupt: ctrlC.pressed,
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

    execFileSync("sh", ["-c", 'mkfifo "$0"', join(folder, "pipe")]);
    const reader = spawn("cat", [join(folder, "pipe")]);
    const [read, { code }] = await Promise.all([text(reader.stdout), run(rig, out("pipe"))]);
    expect([read.split("\n")[0], code]).toEqual([HEADER, 0]);
    expect(lstatSync(join(folder, "pipe")).isFIFO()).toBe(true);
  });

  test("of the name of the standard output is one without a file", async ({ rig }) => {
    await taken(rig);
    const plain = await run(rig, ["campaign", "export", "offer"]);
    for (const name of ["-", "/dev/stdout"])
      expect(await run(rig, ["campaign", "export", "offer", "--out", name])).toEqual(plain);
  });

  test("into a pipe whose reader has had enough ends quietly, and a Redis that is away does not", async ({
    rig,
  }) => {
    await taken(rig);
    execFileSync("sh", ["-c", 'mkfifo "$0"', join(folder, "pipe")]);
    const reader = spawn("head", ["-c", "1", join(folder, "pipe")]);
    const out = ["campaign", "export", "offer", "--out", join(folder, "pipe")];
    const ended = once(reader, "close");
    expect(await run(rig, out, { beforePart: () => ended })).toMatchObject({ code: 0 });
    const away = Object.assign(new Error("write EPIPE"), { code: "EPIPE", syscall: "write" });
    const file = ["campaign", "export", "offer", "--out", join(folder, "out.csv")];
    const failed = await run(rig, file, { beforePart: () => Promise.reject(away) });
    expect(failed).toMatchObject({ code: 69, stderr: expect.stringContaining("REDIS_AWAY: ") });
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
    expect(nowhere).toMatchObject({
      code: 66,
      stderr: expect.stringContaining("where.csv: there is no such file or folder (ENOENT)"),
    });
  });
});
