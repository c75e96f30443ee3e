import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../support/until.ts";
import { type CampaignCli, openCampaignCli } from "./campaign-cli.ts";
import { expectOnce, people, type Report } from "./rig.ts";

let cli: CampaignCli;
beforeAll(async () => {
  cli = await openCampaignCli(["file", "again", "moves", "watch", "plan", "bad"]);
});
afterAll(() => cli.close());

/** Campaigns and lists at rest: what BullMQ's workers keep for themselves comes and goes. */
const keys = async () =>
  (await cli.rig.client.keys("{qunfa*")).filter((key) => /:(list|campaign):|:lists$/.test(key)).sort();

describe("campaign send", () => {
  test("takes a list file and a body, shows its plan, asks, prints the id and sends to everybody once", async () => {
    const openids = people(12_000);
    const list = cli.fileOf("many.csv", ["openid,name", ...openids.map((openid) => `${openid},"A, B"`)]);
    const args = ["campaign", "send", cli.campaignFile("asked", "file"), "--audience", list, "--id", "asked"];

    const before = await keys();
    const no = await cli.qunfa(args, { input: "n\n" });
    expect(no).toMatchObject({ code: 4, stdout: "Nothing was sent.\n" });
    expect(await keys()).toEqual(before);

    const { code, stdout, stderr } = await cli.qunfa(args, { input: "y\n" });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "asked\n" });
    expect(stderr).toContain("12,000 of 12,000 people would get it");
    expect(stderr).toMatch(/Calls: 2; left today: 100[\s\S]*1 │ 10,000 │ \d{4}-[\s\S]*Send\? \[y\/N\] $/);

    const watched = await cli.qunfa(["campaign", "watch", "asked"]);
    expect(watched).toMatchObject({ code: 0, stderr: "" });
    expect(watched.stdout).toContain("12,000 of 12,000 admitted");
    expectOnce(cli.rig.desk("file"), "asked", openids);
  });

  test("forgets the list when Ctrl-C is the answer", async () => {
    const before = await keys();
    const list = cli.fileOf("interrupted.csv", people(500));
    const args = ["campaign", "send", "--account", "file", "--text", "x", "--audience", list];
    const { child, ended } = cli.start(args, { input: null });
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    await until(() => stderr.includes("Send?"));
    child.kill("SIGINT");
    await ended;
    expect(child.exitCode).toBe(130);
    expect(await keys()).toEqual(before);
  });

  test.each([
    [["audience", "upload", "-"]],
    [["campaign", "send", "--account", "file", "--text", "x", "--audience", "-", "--yes"]],
  ])("%j leaves nothing of a list that is still coming when Ctrl-C ends it", async (args) => {
    const before = await keys();
    const { child, ended } = cli.start(args, { input: null });
    let told = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        told += chunk;
      });
    child.stdin.write(`${people(150_000).join("\n")}\n`);
    await until(async () => (await keys()).length > before.length);
    child.kill("SIGINT");
    await ended;
    expect({ code: child.exitCode, told }).toEqual({ code: 130, told: "" });
    expect(await keys()).toEqual(before);
  });

  test("with the same id, body and file again sends nothing twice, and leaves no second list", async () => {
    const list = cli.fileOf("again.txt", people(60));
    const file = cli.campaignFile("again", "again");
    const send = ["campaign", "send", file, "--audience", list, "--id", "again", "--yes"];
    expect(await cli.answerTo(...send)).toEqual({ id: "again", state: "preparing", isNew: true });
    const lists = await cli.answerTo<unknown[]>("audience", "list");
    const repeated = await cli.qunfa([...send, "-o", "json"]);
    expect(JSON.parse(repeated.stdout)).toMatchObject({ id: "again", isNew: false });
    expect(repeated.stderr).toMatch(/taken in before/);
    expect(await cli.answerTo("audience", "list")).toHaveLength(lists.length);

    const other = [
      "campaign",
      "send",
      file,
      "--audience",
      cli.fileOf("other.txt", people(60, 1)),
      "--id",
      "again",
    ];
    const refused = await cli.qunfa([...other, "--yes"]);
    expect(refused).toMatchObject({ code: 65, stdout: "" });
    expect(refused.stderr).toMatch(/^ID_REUSED: .*\n$/);
    expect(await cli.answerTo("audience", "list")).toHaveLength(lists.length);

    expect((await cli.qunfa(["campaign", "watch", "again"])).code).toBe(0);
    expectOnce(cli.rig.desk("again"), "again", people(60));
  });

  test("names each wrong field before anything is stored", async () => {
    const before = await keys();
    const list = cli.fileOf("wrong.txt", people(3));
    const wrong = ["--account", "nobody", "--text", "x", "--audience", list, "--window", "9-21", "--yes"];
    const { code, stdout, stderr } = await cli.qunfa(["campaign", "send", ...wrong]);
    expect({ code, stdout }).toEqual({ code: 65, stdout: "" });
    expect(stderr).toMatch(/^BAD_CAMPAIGN: --window: .*; --account: .*\n$/);
    for (const [args, exit] of [
      [["--account", "bad", "--text", "x", "--all", "--tag", "1"], 64],
      [["--account", "bad", "--text", "x", "--audience", "-"], 64],
      [["--account", "bad", "--text", "x", "--all", "--id", "12", "--yes"], 64],
      [["--account", "bad", "--text", "x", "--audience", join(cli.folder, "nowhere.csv"), "--yes"], 66],
      [[list, "--account", "bad", "--all", "--yes"], 64],
    ] as const)
      expect((await cli.qunfa(["campaign", "send", ...args])).code, args.join(" ")).toBe(exit);
    expect(await keys()).toEqual(before);
  });
});

test("campaign plan, and send --dry-run, tell of a file of any length and store nothing", async () => {
  const before = await keys();
  const list = cli.fileOf("plan.txt", [...people(25_001), ...people(1), "nobody"]);
  const options = ["--account", "plan", "--text", "你好", "--audience", list, "--at", "2036-12-01 09:00"];
  const plan = await cli.answerTo("campaign", "plan", ...options);
  expect(plan).toMatchObject({
    audience: { received: 25_003, invalid: 1, duplicate: 1, admitted: 25_001 },
    calls: { needed: 3, leftToday: 100 },
    batches: [{ number: 1, size: 10_000, at: "2036-12-01T01:00:00.000Z" }, {}, { size: 5_001 }],
    reason: null,
  });
  expect(await cli.answerTo("campaign", "send", ...options, "--dry-run")).toEqual(plan);
  const told = await cli.qunfa(["campaign", "plan", ...options.with(5, "-")], {
    env: { LANG: "zh_CN.UTF-8" },
    input: readFileSync(list, "utf8"),
  });
  expect(told).toMatchObject({ code: 0, stderr: "" });
  expect(told.stdout).toMatch(/^25,003 人中有 25,001 人会收到 \(格式错误 1, 重复 1\)\n/);
  expect(told.stdout).toContain("2036-12-01T09:00:00+08:00");
  expect(await keys()).toEqual(before);
});

test("campaign list, show and batch list tell what HTTP tells, page by page", async () => {
  for (const id of ["page-1", "page-2", "page-3"])
    await cli.answerTo(
      ...["campaign", "send", cli.campaignFile(id, "plan"), "--audience", cli.fileOf("page.txt", people(3))],
      ...["--id", id, "--at", "2036-12-01T09:00", "--yes"],
    );
  const list = ["campaign", "list", "--account", "plan", "--limit", "2"];
  const first = await cli.answerTo<{ items: { id: string }[]; nextCursor: string }>(...list);
  expect(first.items.map(({ id }) => id)).toEqual(["page-3", "page-2"]);
  const rest = await cli.qunfa([...list, "--cursor", first.nextCursor, "-o", "ndjson"]);
  expect(
    rest.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).id),
  ).toEqual(["page-1"]);
  const table = await cli.qunfa([...list, "--state", "scheduled", "-o", "text"]);
  expect(table.stdout).toMatch(/page-3 +│ plan +│ scheduled[\s\S]*There are more: --cursor \S+\n$/);
  expect((await cli.qunfa(["campaign", "list", "--state", "asleep"])).code).toBe(64);

  const { batches, ...shown } = await cli.answerTo("campaign", "show", "asked");
  expect(shown).toEqual(await cli.rig.show("asked"));
  expect(batches).toEqual(await cli.rig.batches("asked"));
  expect(await cli.answerTo("batch", "list", "asked")).toEqual(batches);
  expect((await cli.qunfa(["batch", "list", "asked"])).stdout).toMatch(
    /1 │ succeeded │ 10,000 │ +[\d,]+ │ +\d+ │ +1 │ \d+ │ callback/,
  );
  for (const args of [
    ["campaign", "show", "nothing"],
    ["campaign", "show", ".."],
    ["batch", "list", "nothing"],
    ["campaign", "watch", "nothing"],
    ["campaign", "pause", "nothing"],
    ["campaign", "export", "nothing"],
  ])
    expect(await cli.qunfa(args)).toMatchObject({ code: 66, stdout: "" });
});

test("pause, resume and cancel move a campaign; cancel asks, and a wrong move says what is allowed", async () => {
  const later = ["--at", "2036-12-01T09:00", "--yes", "--id", "moves"];
  const list = cli.fileOf("moves.txt", people(20));
  await cli.answerTo("campaign", "send", cli.campaignFile("moves", "moves"), "--audience", list, ...later);
  const move = (verb: string, ...more: string[]) => ["campaign", verb, "moves", ...more];
  expect(await cli.answerTo(...move("pause", "--reason", "wrong price"))).toEqual({
    id: "moves",
    state: "paused",
  });
  expect(await cli.qunfa(move("pause"))).toMatchObject({
    code: 65,
    stderr: expect.stringMatching(/^ILLEGAL_MOVE: .*resume or cancel/),
  });
  expect((await cli.qunfa(move("resume"))).stdout).toBe("The campaign is scheduled.\n");

  expect(await cli.qunfa(move("cancel"), { input: "n\n" })).toMatchObject({
    code: 4,
    stdout: "Nothing was done.\n",
  });
  expect(await cli.qunfa(move("cancel"))).toMatchObject({ code: 64, stdout: "" });
  expect((await cli.rig.show("moves")).state).toBe("scheduled");
  const canceled = await cli.qunfa(move("cancel"), { input: "y\n" });
  expect(canceled).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/Cancel moves, which is scheduled\?/),
  });
  expect(await cli.qunfa(["campaign", "watch", "moves"])).toMatchObject({ code: 2 });
  expect(await cli.qunfa(move("cancel"))).toMatchObject({
    code: 65,
    stderr: expect.stringMatching(/^ILLEGAL_MOVE: /),
  });
  const report = (await cli.rig.show("moves")).report as Report;
  expect(report).toMatchObject({ state: "canceled", reason: "CANCELED" });
});

test("campaign watch tells each change in a line, its exit code the end, and Ctrl-C ends the watching alone", async () => {
  const list = cli.fileOf("watch.txt", people(20));
  const send = ["campaign", "send", cli.campaignFile("watch", "watch"), "--audience", list, "--id", "watch"];
  await cli.answerTo(...send, "--at", "2036-12-01T09:00", "--yes");
  const { child, ended } = cli.start(["campaign", "watch", "watch", "-o", "ndjson"]);
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  await until(() => stdout.includes("scheduled"));
  child.kill("SIGINT");
  await ended;
  expect({ code: child.exitCode, stderr }).toEqual({
    code: 130,
    stderr: "The campaign goes on; nobody watches it any more.\n",
  });
  expect(JSON.parse(stdout)).toMatchObject({ id: "watch", state: "scheduled" });
  expect((await cli.rig.show("watch")).state).toBe("scheduled");
  await cli.qunfa(["campaign", "cancel", "watch", "--yes"]);

  const failing = cli.fileOf("nobody.txt", ["nobody"]);
  const watched = await cli.qunfa([...send.with(4, failing).with(6, "nobody"), "--yes", "--watch"]);
  expect(watched).toMatchObject({ code: 1, stderr: "" });
  expect(watched.stdout).toMatch(/^nobody\npreparing, 0%, 0 sent\n[\s\S]*NOBODY_TO_SEND/);
});
