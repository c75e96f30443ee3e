import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect } from "vitest";
import { runCommandLine } from "../../src/cli/program.ts";
import { viewBatch, viewCampaign } from "../../src/http/campaign-view.ts";
import { createLookup } from "../../src/store/lookup.ts";
import { createReviews } from "../../src/store/reviews.ts";
import { noLists, noOperations, noWechat } from "../support/no-desk.ts";
import type { Steps } from "./errcode-rig.ts";
import { by, partlySent, sentAgainInVain, underReview } from "./review-rig.ts";
import { account, type Rig, test } from "./rig.ts";

const not = async (): Promise<never> => {
  throw new Error("it was asked for");
};

/** Runs a command on the ledger of a rig; `stdin` is what a person types. */
async function qunfa(rig: Rig, steps: Steps, args: readonly string[], { stdin = "", lang = "en" } = {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const accounts = new Map([[account, { kind: "service", limits: {} }]]) as never;
  const campaigns = {
    ...{ accounts, find: rig.campaigns.find, batchesOf: rig.batches.of, view: viewCampaign, viewBatch },
    ...{ list: createLookup(rig.campaigns, rig.batches, rig.audiences).list, reviews: steps.review },
    ...{ plan: not, takeIn: not, move: not, moveAccount: not, removeList: not, now: rig.clock.now },
    lists: { store: not, find: not },
    recipients: () => {
      throw new Error("it was asked for");
    },
  };
  const code = await runCommandLine(args, {
    ...{ env: { LANG: lang }, stdin: Readable.from(stdin === "" ? [] : [stdin]), stdout, stderr },
    open: async () => ({
      ...{ ...noLists, ...noWechat, ...noOperations, accounts, campaigns, clock: rig.clock },
      ...{ caps: {} as never, bookings: {} as never, close: async () => {} },
    }),
    openDoctor: not,
    openSandbox: not,
  });
  stdout.end();
  stderr.end();
  return { code, out: await text(stdout), err: await text(stderr) };
}

describe("qunfa batch review", () => {
  test("lists what waits for a person, and says so when nothing does", async ({ rig }) => {
    const steps = await underReview(rig);
    const { code, out } = await qunfa(rig, steps, ["batch", "review"]);
    expect(code).toBe(0);
    expect(out).toMatch(/offer.*1.*2/);
    await qunfa(rig, steps, ["batch", "review", "offer", "1", "--sent", "--yes"]);
    expect((await qunfa(rig, steps, ["batch", "review"])).out).toBe("No batch is under review.\n");
    expect((await qunfa(rig, steps, ["batch", "review"], { lang: "zh_CN.UTF-8" })).out).toBe(
      "没有待复核的批次。\n",
    );
  });

  test("shows one with all that is known of it", async ({ rig }) => {
    const steps = await underReview(rig);
    const { out } = await qunfa(rig, steps, ["batch", "review", "offer", "1"]);
    const { clientmsgid } = await rig.get(steps.address("offer"));
    for (const told of ["needs_review", clientmsgid, "2031-03-04T12:00:00+08:00", "system error"])
      expect(out).toContain(told);
  });

  test("asks before it settles, and takes no for an answer", async ({ rig }) => {
    const steps = await underReview(rig);
    const said = await qunfa(rig, steps, ["batch", "review", "offer", "1", "--not-sent"], { stdin: "n\n" });
    expect(said).toMatchObject({ code: 4, out: "Nothing was done.\n" });
    expect(said.err).toContain("Settle batch 1 of offer for good: it did not go out?");
    expect(await rig.state(steps.address("offer"))).toBe("needs_review");
  });

  test("says what the verdict makes of its people, in the question too", async ({ rig }) => {
    const steps = await underReview(rig);
    const args = ["batch", "review", "offer", "1", "--not-sent", "--send-again"];
    const english = await qunfa(rig, steps, args, { stdin: "n\n" });
    expect(english.err).toContain("it did not go out, and send to its people again? [y/N] ");
    const chinese = await qunfa(rig, steps, args, { stdin: "n\n", lang: "zh_CN.UTF-8" });
    expect(chinese.err).toContain("没有发出，并由新任务再次发给这批人，不可更改，确定吗？[y/N] ");
    const plain = await qunfa(rig, steps, args.slice(0, -1), { stdin: "n\n" });
    expect(plain.err).toMatch(/it did not go out\? \[y\/N\] $/);
  });

  test("ends the line of a question that nobody answers", async ({ rig }) => {
    const steps = await underReview(rig);
    const { code, err } = await qunfa(rig, steps, ["batch", "review", "offer", "1", "--sent"], { stdin: "" });
    expect(code).toBe(64);
    expect(err).toMatch(/\[y\/N\] \nBAD_REQUEST: Nobody is there to be asked: say --yes\.\n$/);
  });

  test("settles, signs with the person at the terminal, and sends again", async ({ rig }) => {
    const steps = await underReview(rig);
    const args = [
      "batch",
      "review",
      "offer",
      "1",
      "--not-sent",
      "--send-again",
      "--reason",
      "not in the console",
    ];
    const { code, out } = await qunfa(rig, steps, [...args, "-o", "json"], { stdin: "yes\n" });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      ...{ state: "failed", review: { verdict: "not-sent", why: "not in the console" } },
      ...{ again: { id: "offer-again-1", batches: [1] }, sentAgainAs: "offer-again-1" },
    });
    const { review } = await rig.get(steps.address("offer"));
    expect(review?.who).toMatch(/^.+@.+$/);
  });

  test("answers a repeat with the campaign that was made the first time, and its state", async ({ rig }) => {
    const steps = await underReview(rig);
    const args = ["batch", "review", "offer", "1", "--not-sent", "--send-again", "--yes"];
    const first = await qunfa(rig, steps, args);
    expect(first.out).toContain("Sent to its people again: offer-again-1 (preparing)\n");
    expect(await qunfa(rig, steps, args)).toEqual(first);
    const chinese = await qunfa(rig, steps, args, { lang: "zh_CN.UTF-8" });
    expect(chinese.out).toContain("再次发给这批人的任务：offer-again-1（准备中）\n");
  });

  test.for([
    [["batch", "review", "offer"], 64],
    [["batch", "review", "offer", "x"], 64],
    [["batch", "review", "offer", "1", "--sent", "--not-sent"], 64],
    [["batch", "review", "offer", "1", "--sent", "--send-again"], 64],
    [["batch", "review", "offer", "1", "--msg-id", "5"], 64],
    [["batch", "review", "offer", "1", "--sent", "--msg-id", "x"], 64],
    [["batch", "review", "offer", "9"], 66],
    [["batch", "review", "nowhere", "1"], 66],
    [["batch", "review", "offer", "2", "--sent", "--yes"], 65],
    [["batch", "review", "offer", "2", "--sent"], 65],
    [["campaign", "send", "--rest-of", "offer", "--text", "Hi"], 64],
    [["campaign", "send", "--account", account, "--text", "Hi", "--all", "--partly", "--yes"], 64],
    [["campaign", "send", "--account", account, "--text", "Hi", "--all", "--reason", "x", "--yes"], 64],
    [["campaign", "send", "--rest-of", "nowhere", "--yes"], 66],
    [["account", "audit", "--account", "nobody"], 66],
  ] as const)("%j ends with exit code %i and a line that says why", async ([args, exit], { rig }) => {
    const steps = await underReview(rig);
    const { code, out, err } = await qunfa(rig, steps, args);
    expect({ code, out }).toEqual({ code: exit, out: "" });
    expect(err).toMatch(/^[A-Z_]+: .+\n$/);
  });
});

test("qunfa campaign send --rest-of sends to whom got nothing, and tells the new id", async ({ rig }) => {
  const steps = await underReview(rig);
  await qunfa(rig, steps, ["batch", "review", "offer", "1", "--not-sent", "--yes"]);
  const { code, out, err } = await qunfa(rig, steps, ["campaign", "send", "--rest-of", "offer"], {
    stdin: "y\n",
  });
  expect({ code, out }).toEqual({ code: 0, out: "offer-again-1\n" });
  expect(err).toContain("Send to 2 people of 1 batch again?");
  expect(await rig.campaigns.find("offer-again-1")).toBeDefined();
});

test("qunfa campaign send --rest-of asks, too, when those were to be sent again by a campaign that never came to be planned", async ({
  rig,
}) => {
  const steps = await sentAgainInVain(rig);
  const rest = ["campaign", "send", "--rest-of", "offer"];
  const { code, err } = await qunfa(rig, steps, rest, { stdin: "n\n" });
  expect(code).toBe(4);
  expect(err).toContain("Send to 2 people of 1 batch again?");
  expect(await rig.campaigns.find("offer-again-2")).toBeUndefined();
});

test.for<[string, number[], string[], { asks: string; leavesOut: boolean }]>([
  ["all of one that was begun for more", [1, 2], [], { asks: "4 people of 2 batches", leavesOut: false }],
  [
    "those of one that was begun for fewer",
    [2],
    ["--partly"],
    { asks: "2 people of 1 batch", leavesOut: true },
  ],
])("qunfa campaign send --rest-of goes on with %s, and says so", async ([_, begun, more, told], { rig }) => {
  const steps = await partlySent(rig);
  const campaign = await rig.campaigns.get({ account, id: "offer" as never });
  const { claimAgain } = createReviews(rig.redis, rig.keys);
  await claimAgain(campaign, { numbers: begun }, by, rig.clock.now());
  const args = ["campaign", "send", "--rest-of", "offer", ...more];
  const { code, out, err } = await qunfa(rig, steps, args, { stdin: "y\n" });
  expect({ code, out }).toEqual({ code: 0, out: "offer-again-1\n" });
  expect(err).toContain(`Send to ${told.asks} again?`);
  expect(/some of their people may have got it.*batch 1/.test(err)).toBe(told.leavesOut);
});

test("qunfa campaign send --rest-of names the batches under review, whose people it leaves out", async ({
  rig,
}) => {
  const steps = await underReview(rig);
  const args = ["campaign", "send", "--rest-of", "offer", "--yes"];
  const { code, out, err } = await qunfa(rig, steps, args);
  expect({ code, out }).toEqual({ code: 65, out: "" });
  expect(err).toMatch(
    /^Left out, for only a person can tell whether they went out: batch 1\. Settle: qunfa batch review offer 1\nNOTHING_LEFT: .+ of a batch under review only a person can tell whether it went out\.\n$/,
  );
  const chinese = await qunfa(rig, steps, args, { lang: "zh_CN.UTF-8" });
  expect(chinese.err).toMatch(/^未包括（是否已发出须由人裁定）：第 1 批。裁定：qunfa batch review offer 1\n/);
});

test("qunfa campaign send --rest-of does not say that nobody was left without it when it leaves some out", async ({
  rig,
}) => {
  const steps = await partlySent(rig);
  const args = ["campaign", "send", "--rest-of", "offer", "--yes"];
  await qunfa(rig, steps, args);
  const { code, out, err } = await qunfa(rig, steps, args);
  expect({ code, out }).toEqual({ code: 65, out: "" });
  expect(err).toMatch(
    /^Left out, for some of their people may have got it \(--partly takes them\): batch 1\nNOTHING_LEFT: .+ and only partly takes it too\.\n$/,
  );
});

test("qunfa batch list still says why a batch that a person has settled was under review", async ({
  rig,
}) => {
  const steps = await underReview(rig);
  const list = async () => (await qunfa(rig, steps, ["batch", "list", "offer"])).out;
  expect(await list()).toMatch(/needs_review.*system error/);
  await qunfa(rig, steps, ["batch", "review", "offer", "1", "--sent", "--yes"]);
  expect(await list()).toMatch(/succeeded.*person.*system error/);
});

test("qunfa account audit lists who did what, and why: the verdict, and the campaign that was made of it", async ({
  rig,
}) => {
  const steps = await underReview(rig);
  const args = ["batch", "review", "offer", "1", "--not-sent", "--send-again", "--yes", "--reason", "looked"];
  await qunfa(rig, steps, args);
  const audit = ["account", "audit", "--account", account];
  const { out } = await qunfa(rig, steps, audit);
  expect(out).toMatch(/@.*send-again: offer-again-1 .*offer .*looked/);
  expect(out).toMatch(/@.*review: it did not go out .*offer .*1.*looked/);
  const chinese = await qunfa(rig, steps, audit, { lang: "zh_CN.UTF-8" });
  expect(chinese.out).toMatch(/@.*review: 没有发出 .*offer/);
});
