import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../support/until.ts";
import { runQunfa, startQunfa } from "./qunfa.ts";
import { expectOnce, messageOf, openRig, people, type Report, type Rig } from "./rig.ts";

const folder = mkdtempSync(join(tmpdir(), "qunfa-campaigns-"));
/** An account for each test that sends: what WeChat does to one stays with it. */
const accounts = Object.fromEntries(
  ["file", "again", "moves", "watch", "export", "cap", "plan", "bad"].map((id) => [id, {}]),
);

let rig: Rig;
beforeAll(async () => {
  rig = await openRig({ accounts });
});
afterAll(async () => {
  rig.expectClean();
  await rig.close();
  rmSync(folder, { recursive: true });
});

type Options = NonNullable<Parameters<typeof runQunfa>[1]>;

const withRig = ({ env, ...options }: Options = {}) => ({ ...options, env: { ...rig.settings, ...env } });
const qunfa = (args: readonly string[], options?: Options) => runQunfa(args, withRig(options));

async function answerTo<Answer = Record<string, unknown>>(...args: string[]): Promise<Answer> {
  const { code, stdout, stderr } = await qunfa([...args, "-o", "json"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}

function fileOf(name: string, lines: readonly string[]): string {
  const file = join(folder, name);
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

function campaignFile(id: string, account: string, more: object = {}): string {
  const file = join(folder, `${id}.json`);
  writeFileSync(file, JSON.stringify({ account, message: messageOf(id), ...more }));
  return file;
}

const keys = async () =>
  (await rig.client.keys("{qunfa*")).filter((key) => !/:(events|meta)$|:reconcile:/.test(key)).sort();

describe("campaign send", () => {
  test("takes a list file and a body, shows its plan, asks, prints the id and sends to everybody once", async () => {
    const openids = people(12_000);
    const list = fileOf("many.csv", ["openid,name", ...openids.map((openid) => `${openid},"A, B"`)]);
    const args = ["campaign", "send", campaignFile("asked", "file"), "--audience", list, "--id", "asked"];

    const before = await keys();
    const no = await qunfa(args, { input: "n\n" });
    expect(no).toMatchObject({ code: 0, stdout: "Nothing was sent.\n" });
    expect(await keys()).toEqual(before);

    const { code, stdout, stderr } = await qunfa(args, { input: "y\n" });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "asked\n" });
    expect(stderr).toContain("12,000 of 12,000 people would get it");
    expect(stderr).toMatch(/Calls: 2; left today: 100[\s\S]*1 │ 10,000 │ \d{4}-[\s\S]*Send\? \[y\/N\] $/);

    const watched = await qunfa(["campaign", "watch", "asked"]);
    expect(watched).toMatchObject({ code: 0, stderr: "" });
    expect(watched.stdout).toContain("12,000 of 12,000 admitted");
    expectOnce(rig.desk("file"), "asked", openids);
  });

  test("with the same id, body and file again sends nothing twice, and leaves no second list", async () => {
    const list = fileOf("again.txt", people(60));
    const file = campaignFile("again", "again");
    const send = ["campaign", "send", file, "--audience", list, "--id", "again", "--yes"];
    expect(await answerTo(...send)).toEqual({ id: "again", state: "preparing", isNew: true });
    const lists = await answerTo<unknown[]>("audience", "list");
    const repeated = await qunfa([...send, "-o", "json"]);
    expect(JSON.parse(repeated.stdout)).toMatchObject({ id: "again", isNew: false });
    expect(repeated.stderr).toMatch(/taken in before/);
    expect(await answerTo("audience", "list")).toHaveLength(lists.length);

    const other = [
      "campaign",
      "send",
      file,
      "--audience",
      fileOf("other.txt", people(60, 1)),
      "--id",
      "again",
    ];
    const refused = await qunfa([...other, "--yes"]);
    expect(refused).toMatchObject({ code: 65, stdout: "" });
    expect(refused.stderr).toMatch(/^ID_REUSED: .*\n$/);
    expect(await answerTo("audience", "list")).toHaveLength(lists.length);

    expect((await qunfa(["campaign", "watch", "again"])).code).toBe(0);
    expectOnce(rig.desk("again"), "again", people(60));
  });

  test("names each wrong field before anything is stored", async () => {
    const before = await keys();
    const list = fileOf("wrong.txt", people(3));
    const wrong = ["--account", "nobody", "--text", "x", "--audience", list, "--window", "9-21", "--yes"];
    const { code, stdout, stderr } = await qunfa(["campaign", "send", ...wrong]);
    expect({ code, stdout }).toEqual({ code: 65, stdout: "" });
    expect(stderr).toMatch(/^BAD_CAMPAIGN: .*schedule\.window\.from: .*account: .*\n$/);
    for (const [args, exit] of [
      [["--account", "bad", "--text", "x", "--all", "--tag", "1"], 64],
      [["--account", "bad", "--text", "x", "--audience", "-"], 64],
      [["--account", "bad", "--text", "x", "--all", "--id", "12", "--yes"], 64],
      [["--account", "bad", "--text", "x", "--audience", join(folder, "nowhere.csv"), "--yes"], 66],
      [[list, "--account", "bad", "--all", "--yes"], 64],
    ] as const)
      expect((await qunfa(["campaign", "send", ...args])).code, args.join(" ")).toBe(exit);
    expect(await keys()).toEqual(before);
  });
});

test("campaign plan, and send --dry-run, tell of a file of any length and store nothing", async () => {
  const before = await keys();
  const list = fileOf("plan.txt", [...people(25_001), ...people(1), "nobody"]);
  const options = ["--account", "plan", "--text", "你好", "--audience", list, "--at", "2036-12-01 09:00"];
  const plan = await answerTo("campaign", "plan", ...options);
  expect(plan).toMatchObject({
    audience: { received: 25_003, invalid: 1, duplicate: 1, admitted: 25_001 },
    calls: { needed: 3, leftToday: 100 },
    batches: [{ number: 1, size: 10_000, at: "2036-12-01T01:00:00.000Z" }, {}, { size: 5_001 }],
    reason: null,
  });
  expect(await answerTo("campaign", "send", ...options, "--dry-run")).toEqual(plan);
  const told = await qunfa(["campaign", "plan", ...options.with(5, "-")], {
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
    await answerTo(
      ...["campaign", "send", campaignFile(id, "plan"), "--audience", fileOf("page.txt", people(3))],
      ...["--id", id, "--at", "2036-12-01T09:00", "--yes"],
    );
  const list = ["campaign", "list", "--account", "plan", "--limit", "2"];
  const first = await answerTo<{ items: { id: string }[]; nextCursor: string }>(...list);
  expect(first.items.map(({ id }) => id)).toEqual(["page-3", "page-2"]);
  const rest = await qunfa([...list, "--cursor", first.nextCursor, "-o", "ndjson"]);
  expect(
    rest.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).id),
  ).toEqual(["page-1"]);
  const table = await qunfa([...list, "--state", "scheduled", "-o", "text"]);
  expect(table.stdout).toMatch(/page-3 +│ plan +│ scheduled[\s\S]*There are more: --cursor \S+\n$/);
  expect((await qunfa(["campaign", "list", "--state", "asleep"])).code).toBe(64);

  const { batches, ...shown } = await answerTo("campaign", "show", "asked");
  expect(shown).toEqual(await rig.show("asked"));
  expect(batches).toEqual(await rig.batches("asked"));
  expect(await answerTo("batch", "list", "asked")).toEqual(batches);
  expect((await qunfa(["batch", "list", "asked"])).stdout).toMatch(
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
    expect(await qunfa(args)).toMatchObject({ code: 66, stdout: "" });
});

test("pause, resume and cancel move a campaign; cancel asks, and a wrong move says what is allowed", async () => {
  const later = ["--at", "2036-12-01T09:00", "--yes", "--id", "moves"];
  const list = fileOf("moves.txt", people(20));
  await answerTo("campaign", "send", campaignFile("moves", "moves"), "--audience", list, ...later);
  const move = (verb: string, ...more: string[]) => ["campaign", verb, "moves", ...more];
  expect(await answerTo(...move("pause", "--reason", "wrong price"))).toEqual({
    id: "moves",
    state: "paused",
  });
  expect(await qunfa(move("pause"))).toMatchObject({
    code: 65,
    stderr: expect.stringMatching(/^ILLEGAL_MOVE: .*resume or cancel/),
  });
  expect((await qunfa(move("resume"))).stdout).toBe("The campaign is scheduled.\n");

  expect(await qunfa(move("cancel"), { input: "n\n" })).toMatchObject({
    code: 0,
    stdout: "Nothing was done.\n",
  });
  expect(await qunfa(move("cancel"))).toMatchObject({ code: 64, stdout: "" });
  expect((await rig.show("moves")).state).toBe("scheduled");
  const canceled = await qunfa(move("cancel"), { input: "y\n" });
  expect(canceled).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/Cancel moves, which is scheduled\?/),
  });
  expect(await qunfa(["campaign", "watch", "moves"])).toMatchObject({ code: 2 });
  expect(await qunfa(move("cancel"))).toMatchObject({
    code: 65,
    stderr: expect.stringMatching(/^ILLEGAL_MOVE: /),
  });
  const report = (await rig.show("moves")).report as Report;
  expect(report).toMatchObject({ state: "canceled", reason: "CANCELED" });
});

test("campaign watch tells each change in a line, its exit code the end, and Ctrl-C ends the watching alone", async () => {
  const list = fileOf("watch.txt", people(20));
  const send = ["campaign", "send", campaignFile("watch", "watch"), "--audience", list, "--id", "watch"];
  await answerTo(...send, "--at", "2036-12-01T09:00", "--yes");
  const { child, ended } = startQunfa(["campaign", "watch", "watch", "-o", "ndjson"], withRig());
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
  expect((await rig.show("watch")).state).toBe("scheduled");
  await qunfa(["campaign", "cancel", "watch", "--yes"]);

  const failing = fileOf("nobody.txt", ["nobody"]);
  const watched = await qunfa([...send.with(4, failing).with(6, "nobody"), "--yes", "--watch"]);
  expect(watched).toMatchObject({ code: 1, stderr: "" });
  expect(watched.stdout).toMatch(/^nobody\npreparing, 0%, 0 sent\n[\s\S]*NOBODY_TO_SEND/);
});

describe("campaign export", () => {
  test("tells what became of everybody, as CSV or NDJSON, into a file of its owner's", async () => {
    const list = fileOf("export.csv", [...people(10_500), "=cmd", '"a ""quoted"" one"', people(1)[0] ?? ""]);
    const send = ["campaign", "send", campaignFile("export", "export"), "--audience", list];
    await answerTo(...send, "--id", "export", "--yes");
    expect((await qunfa(["campaign", "watch", "export"])).code).toBe(0);

    const file = join(folder, "out.csv");
    writeFileSync(file, "old", { mode: 0o644 });
    const done = await answerTo("campaign", "export", "export", "--out", file);
    expect(done).toEqual({ id: "export", file, people: 10_502 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const [header, ...lines] = readFileSync(file, "utf8").trimEnd().split("\n");
    expect(header).toBe("openid,outcome,batch,state,msg_id");
    const msgIds = (await rig.batches("export")).map(({ msgId }) => msgId);
    const admitted = lines.filter((line) => line.includes(",admitted,")).map((line) => line.split(","));
    expect(admitted.map(([openid]) => openid).sort()).toEqual(people(10_500));
    for (const [, , batch, state, msgId] of admitted)
      expect([state, msgId]).toEqual(["succeeded", msgIds[Number(batch) - 1]]);
    expect(admitted.filter(([, , batch]) => batch === "2")).toHaveLength(500);
    expect(lines.slice(-2)).toEqual([`"'=cmd",invalid,,,`, '"a ""quoted"" one",invalid,,,']);

    const invalid = ["campaign", "export", "export", "--outcome", "invalid", "--format", "ndjson"];
    const { stdout } = await qunfa(invalid);
    expect(stdout.split("\n")[0]).toBe(
      JSON.stringify({ openid: "=cmd", outcome: "invalid", batch: null, state: null, msgId: null }),
    );
    for (const [openid = ""] of [admitted[0] ?? [], admitted.at(-1) ?? []])
      expect(String((await rig.fateOf("export", openid)).batch)).toBe(
        admitted.find(([one]) => one === openid)?.[2],
      );
    expect((await qunfa(["campaign", "export", "export", "--out", folder])).code).toBe(64);
  });

  test("into a reader that has had enough ends quietly", async () => {
    const { child, ended } = startQunfa(["campaign", "export", "export"], withRig());
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.stdout.once("data", () => child.stdout.destroy());
    await ended;
    expect({ code: child.exitCode, stderr }).toEqual({ code: 0, stderr: "" });
  });

  test("of one without a plan tells its list, and of a segment that only WeChat knows", async () => {
    const { stdout } = await qunfa(["campaign", "export", "page-1"]);
    expect(stdout.trimEnd().split("\n").slice(1).sort()).toEqual(
      people(3).map((one) => `${one},admitted,,,`),
    );
    const all = ["campaign", "send", "--account", "cap", "--text", "x", "--all", "--id", "everybody"];
    await answerTo(...all, "--at", "2036-12-01T09:00", "--yes");
    const refused = await qunfa(["campaign", "export", "everybody"]);
    expect(refused).toMatchObject({
      code: 66,
      stderr: expect.stringMatching(/^NOT_FOUND: WeChat itself finds/),
    });
  });
});
