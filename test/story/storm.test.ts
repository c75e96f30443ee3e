import { afterEach, expect, test } from "vitest";
import type { Behaviour } from "../support/strict-wechat.ts";
import { until } from "../support/until.ts";
import { expectOnce, expectTrue, openRig, people, type Rig } from "./rig.ts";

let rig: Rig;
afterEach(async () => {
  rig.expectClean();
  await rig.close();
});

/** Small multiplicative generator: the same storm at every run. */
function createRandom(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

test("two accounts, four campaigns, three workers of which some are killed, and a WeChat in bad weather", async () => {
  const limits = { callsPerMinute: 6_000, sendCallsPerDay: 10_000 };
  const safe = { encodingAESKey: "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR", limits };
  const env = { QUNFA_POLL_MS: "700", QUNFA_RESEND_WAIT_MS: "100" };
  rig = await openRig({ accounts: { one: { limits }, two: safe }, workers: 3, env });
  const random = createRandom(20_261_121);
  const weather: (() => Behaviour)[] = [
    () => ({ accept: true, answer: "cut" }),
    () => ({ accept: false, answer: "cut" }),
    () => ({ accept: true, answer: "half", result: { when: "never" } }),
    () => ({ accept: true, answer: { errcode: -1 } }),
    () => ({ accept: false, answer: { errcode: 45066 } }),
    () => ({ answer: "bad-gateway", accept: true, result: { when: random(5) } }),
    () => ({ result: { when: "before", times: 3 } }),
    () => ({ result: { when: "never" } }),
  ];
  for (const account of ["one", "two"]) {
    const fair = { result: { when: 1 } };
    rig.desk(account).script.push(...Array.from({ length: 60 }, () => weather[random(20)]?.() ?? fair));
    rig.desk(account).script.push({ answered: rig.desk(account).killToken });
  }

  const campaigns = ["one", "two"].flatMap((account) =>
    [1, 2].map((number) => ({ account, id: `storm-${account}-${number}` })),
  );
  const jobs = await Promise.all(campaigns.map(({ id, account }) => rig.add(id, account, people(60_000))));
  for (const calls of [4, 9, 15, 21]) {
    await until(() => rig.desk("one").calls.length + rig.desk("two").calls.length >= calls, {
      timeoutMs: 60_000,
    });
    const [oldest] = rig.workers();
    oldest?.kill("SIGKILL");
    await rig.startWorker();
  }

  for (const [index, { account, id }] of campaigns.entries()) {
    const job = jobs[index];
    if (!job) throw new Error("no job");
    await rig.report(job, 90_000);
    const desk = rig.desk(account);
    expectOnce(desk, id, people(60_000));
    const { report } = await rig.show(id);
    expect(report).toMatchObject({ state: "completed", batches: { planned: 6, succeeded: 6 } });
    expect(report?.recipients.submitted).toBe(60_000);
    if (report?.countsMissing === 0) expectTrue(desk, id, report);
  }
  // A call of which the server never saw a byte is counted too: its worker was killed.
  for (const account of ["one", "two"]) {
    const shown = await Promise.all(
      campaigns.filter((campaign) => campaign.account === account).map(({ id }) => rig.show(id)),
    );
    const sendCalls = shown.reduce((sum, { report }) => sum + (report?.sendCalls ?? 0), 0);
    const seen = rig.desk(account).calls.length;
    expect(sendCalls).toBeGreaterThanOrEqual(seen);
    expect(sendCalls).toBeLessThanOrEqual(seen + 4 + 3);
  }
});
