import { describe, expect, vi } from "vitest";
import type { Signature } from "../../src/campaign/audit.ts";
import { until } from "../support/until.ts";
import { through } from "./broken-link.ts";
import { createCtrlC, type Options, run, start } from "./qunfa.ts";
import { type Rig, test } from "./rig.ts";

const RED = "\u001b[31m";

/** A campaign of one batch that has failed, with its report. */
/** The rig's Redis, until it is told to leave: then each command fails in these words of ioredis'. */
function goingAway(rig: Rig, words: string) {
  let isAway = false;
  let missed = 0;
  const redis = through(rig.redis, async (_, run) => {
    if (!isAway) return run();
    missed += 1;
    throw new Error(words);
  });
  return {
    redis,
    leave: () => {
      isAway = true;
    },
    missed: () => missed,
  };
}

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
    const told = (await run(rig, ["campaign", "list"], { columns: 120 })).stdout;
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
      const ctrlC = createCtrlC();
      const watching = start(rig, ["campaign", "watch", "offer"], { isTty, interrupt: ctrlC.pressed });
      const seen = isTty ? watching.stderr : watching.stdout;
      await until(() => seen().includes("person"));
      ctrlC.press();
      await watching.code;
      expect(seen()).toContain(plain);
    }
  });
});

describe("watching", () => {
  test("shows a bar to a person, on stderr, and lines to a pipe", async ({ rig }) => {
    await rig.plan("offer", [2, 2]);
    for (const isTty of [true, false]) {
      const ctrlC = createCtrlC();
      const watching = start(rig, ["campaign", "watch", "offer"], { isTty, interrupt: ctrlC.pressed });
      const seen = isTty ? watching.stderr : watching.stdout;
      await until(() => seen().includes("0%"));
      ctrlC.press();
      expect(await watching.code).toBe(130);
      expect(watching.stdout()).toBe(isTty ? "" : "sending, 0%, 0 sent\n");
      expect(watching.stderr()).toContain("The campaign goes on; nobody watches it any more.\n");
      if (!isTty) expect(watching.stderr()).not.toContain("%");
    }
  });

  test("tells lines on a terminal that is dumb, and moves no cursor", async ({ rig }) => {
    await rig.plan("offer", [2, 2]);
    const ctrlC = createCtrlC();
    const dumb = { env: { TERM: "dumb" }, interrupt: ctrlC.pressed };
    const watching = start(rig, ["campaign", "watch", "offer"], dumb);
    await until(() => watching.stdout().includes("0%"));
    ctrlC.press();
    expect(await watching.code).toBe(130);
    expect(watching.stdout()).toBe("sending, 0%, 0 sent\n");
    expect(watching.stderr()).toBe("The campaign goes on; nobody watches it any more.\n");
  });

  test("ends as quietly by Ctrl-C while Redis is away", async ({ rig }) => {
    await rig.plan("offer", [2]);
    const gone = goingAway(rig, "Connection is closed.");
    const ctrlC = createCtrlC();
    const away = { ...rig, redis: gone.redis };
    const watching = start(away, ["campaign", "watch", "offer"], { isTty: false, interrupt: ctrlC.pressed });
    await until(() => watching.stdout().includes("0%"));
    gone.leave();
    await until(() => gone.missed() > 0);
    ctrlC.press();
    expect(await watching.code).toBe(130);
    expect(watching.stderr()).toContain("The campaign goes on; nobody watches it any more.\n");
  });

  test.for([
    ["a bar", true, "table", /% Redis is away: waited for/],
    ["a line", false, "table", /^Redis is away: waited for, a minute at most\.\n/],
    ["nothing to a machine", false, "ndjson", /^(?!Redis)/],
  ] as const)(
    "waits a minute for a Redis that goes away, and tells so once: %s",
    async ([_, isTty, output, told], { rig }) => {
      await rig.plan("offer", [2]);
      const gone = goingAway(rig, "Stream isn't writeable and enableOfflineQueue options is false");
      const watching = start({ ...rig, redis: gone.redis }, ["campaign", "watch", "offer", "-o", output], {
        isTty,
      });
      await until(() => (isTty ? watching.stderr() : watching.stdout()).includes("sending"));
      gone.leave();
      await until(() => gone.missed() > 2);
      const { now } = Date;
      const later = vi.spyOn(Date, "now").mockImplementation(() => now() + 61_000);
      expect(await watching.code).toBe(69);
      later.mockRestore();
      expect(watching.stderr()).toMatch(told);
      // A bar is drawn again and again.
      const times = watching.stderr().match(/waited for, a minute/g) ?? [];
      if (!isTty) expect(times).toHaveLength(output === "table" ? 1 : 0);
      expect(watching.stderr()).toMatch(/REDIS_AWAY.*Redis has been away for a minute/);
      expect(watching.stderr()).not.toContain("writeable");
    },
  );

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
