import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished } from "vitest";
import { run } from "./qunfa.ts";
import { test } from "./rig.ts";

const zh = { LANG: "zh_CN.UTF-8" };
const send = ["campaign", "send", "--yes"];
const good = ["--account", "acme", "--text", "Hello", "--all"];

describe("what is wrong is told by the option that says it", () => {
  test.for<[string, string[], string]>([
    [
      "nothing at all",
      [],
      "BAD_CAMPAIGN: --account: is missing; --text: is missing; --audience, --list, --tag or --all: is missing",
    ],
    [
      "an account that there is not",
      ["--text", "x", "--all", "--account", "nobody"],
      "BAD_CAMPAIGN: --account: expected an account of the accounts file",
    ],
    ["no text", ["--account", "acme", "--all", "--text", ""], "BAD_CAMPAIGN: --text: expected some text"],
    [
      "a list that is none",
      ["--account", "acme", "--text", "x", "--list", "nope"],
      "BAD_CAMPAIGN: --list: expected the audienceId of an uploaded list",
    ],
    [
      "no time",
      [...good, "--at", "yesterday"],
      "BAD_CAMPAIGN: --at: expected a time such as 2026-12-01T09:00, of Asia/Shanghai or with an offset",
    ],
    [
      "times before each other, and a window of none",
      [...good, "--at", "2036-12-01 09:00", "--deadline", "2036-12-01 08:00", "--window", "9-21"],
      "BAD_CAMPAIGN: --window: expected two times of day such as 09:00-21:00, of Asia/Shanghai; --deadline: ",
    ],
    [
      "half a window",
      [...good, "--window", "09:00"],
      "BAD_CAMPAIGN: --window: expected two times of day such as 09:00-21:00, of Asia/Shanghai\n",
    ],
    [
      "a window and a half",
      [...good, "--window", "09:00-21:00-22:00"],
      "BAD_CAMPAIGN: --window: expected two times of day such as 09:00-21:00, of Asia/Shanghai\n",
    ],
    [
      "a deadline too early",
      [...good, "--at", "2036-12-01 09:00", "--deadline", "2036-12-01 08:00"],
      "BAD_CAMPAIGN: --deadline: expected a moment after --at\n",
    ],
    [
      "what to do at the cap",
      [...good, "--over-cap", "drop"],
      'BAD_CAMPAIGN: --over-cap: expected "skip" or "fail"\n',
    ],
    [
      "an id",
      [...good, "--id", "a b"],
      "INVALID_PARAMETER: --id: 1 to 128 characters of A-Z a-z 0-9 . _ -\n",
    ],
  ])("%s", async ([_what, args, message], { rig }) => {
    const { code, stdout, stderr } = await run(rig, [...send, ...args]);
    expect({ code, stdout }).toEqual({ code: message.startsWith("BAD_CAMPAIGN") ? 65 : 64, stdout: "" });
    expect(stderr.startsWith(message), stderr).toBe(true);
    expect(await rig.dump()).toEqual({});
  });

  test("people who are none", async ({ rig }) => {
    const { code, stderr } = await run(rig, [...send, ...good.slice(0, -1), "--audience", "-"], {
      input: "",
    });
    expect({ code, stderr }).toEqual({
      code: 64,
      stderr: "INVALID_PARAMETER: --audience: expected at least one OpenID\n",
    });
  });

  test("in Chinese a time too", async ({ rig }) => {
    const { stderr } = await run(rig, [...send, ...good, "--at", "yesterday"], { env: zh });
    expect(stderr).toBe(
      "BAD_CAMPAIGN: 群发任务不合格式：--at: 须为时间，如 2026-12-01T09:00，未写时区即为北京时间\n",
    );
  });

  test("and what a file says by its own names", async ({ rig }) => {
    const folder = mkdtempSync(join(tmpdir(), "qunfa-send-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "offer.json");
    const schedule = { startAt: "yesterday", window: { from: "9", to: "21:00" } };
    writeFileSync(file, JSON.stringify({ message: { msgtype: "fax" }, schedule }));
    const plan = await run(rig, ["campaign", "plan", file, "--all"]);
    expect(plan).toMatchObject({ code: 65, stdout: "" });
    expect(plan.stderr).toBe(
      "BAD_CAMPAIGN: account: is missing; message.msgtype: expected text, mpnews, image, voice or mpvideo; " +
        "schedule.startAt: expected a moment with its offset, such as 2026-12-01T09:00:00+08:00; " +
        'schedule.window.from: expected a time of day such as "08:00"\n',
    );
  });
});

describe("a time that has passed", () => {
  // The rig's clock says 2031-03-04T12:00 in Shanghai.
  const deadline = "--deadline: has passed: all would be canceled at once";
  const start = "--at: is more than a day past: leave it out to start at once";

  test.for<[string, string[], string]>([
    ["a deadline", ["--deadline", "2031-03-04T11:59"], deadline],
    ["a start of last year", ["--at", "2030-03-04 12:00"], start],
    ["both", ["--at", "2030-03-04 12:00", "--deadline", "2030-03-05 12:00"], `${start}; ${deadline}`],
  ])("is refused, and nothing is kept: %s", async ([_what, args, told], { rig }) => {
    for (const command of [send, ["campaign", "plan"]]) {
      const refused = await run(rig, [...command, ...good.slice(0, -1), "--audience", "-", ...args], {
        input: "oABCDEFGHIJKLMNOPQRSTUVWXYZ0\n",
      });
      expect(refused).toEqual({ code: 64, stdout: "", stderr: `INVALID_PARAMETER: ${told}\n` });
    }
    expect(await rig.dump()).toEqual({});
  });

  test("is refused in a file too, by its own name, and in Chinese", async ({ rig }) => {
    const input = JSON.stringify({ schedule: { deadline: "2020-01-01T00:00:00+08:00" } });
    const { code, stderr } = await run(rig, [...send, "-", ...good], { input, env: zh });
    expect({ code, stderr }).toEqual({
      code: 64,
      stderr: "INVALID_PARAMETER: 参数不合格式：schedule.deadline: 已经过去，任务会立即全部取消\n",
    });
  });

  test("may be a start of the day before, and is no other campaign when its command comes again", async ({
    rig,
  }) => {
    const args = [
      ...send,
      ...good,
      "--id",
      "offer",
      "--at",
      "2031-03-03 12:01",
      "--deadline",
      "2031-03-04 13:00",
    ];
    expect(await run(rig, args)).toMatchObject({ code: 0, stdout: "offer\n" });
    rig.clock.advance(3 * 86_400_000);
    expect(await run(rig, args)).toMatchObject({
      ...{ code: 0, stdout: "offer\n" },
      stderr: "This campaign was taken in before: nothing is sent twice.\n",
    });
  });
});

test("one standard input is not taken for two things", async ({ rig }) => {
  for (const args of [["plan"], ["send"], ["send", "--yes"]]) {
    const { code, stderr } = await run(rig, ["campaign", ...args, "-", "--audience", "-"], { input: "{}" });
    expect({ code, stderr }).toEqual({
      code: 64,
      stderr: "BAD_REQUEST: There is one standard input only: - can't be the campaign and its audience.\n",
    });
  }
});

test("a no to the question is no success", async ({ rig }) => {
  for (const watch of [[], ["--watch"]]) {
    const no = await run(rig, ["campaign", "send", ...good, ...watch], { input: "n\n" });
    expect(no).toMatchObject({ code: 4, stdout: "Nothing was sent.\n" });
    expect(no.stderr).toContain("Send? [y/N] ");
  }
  // Ctrl-D is what ends a terminal's input.
  const ended = await run(rig, ["campaign", "send", ...good], { isTyped: true });
  expect(ended).toMatchObject({ code: 4, stdout: "Nothing was sent.\n" });
  expect(ended.stderr).toMatch(/Send\? \[y\/N\] \n$/);
  expect(await run(rig, ["campaign", "send", ...good])).toMatchObject({
    ...{ code: 64, stdout: "" },
    stderr: expect.stringMatching(/BAD_REQUEST: Nobody is there to be asked: say --yes\.\n$/),
  });
  await rig.prepare("offer", { startAt: rig.clock.now() + 1_000 });
  const kept = await run(rig, ["campaign", "cancel", "offer", "-o", "json"], { input: "n\n" });
  expect({ ...kept, stdout: JSON.parse(kept.stdout) }).toMatchObject({
    code: 4,
    stdout: { id: "offer", state: "scheduled" },
  });
});
