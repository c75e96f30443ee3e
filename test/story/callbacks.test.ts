import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { finishXml, httpRequest, sealPush } from "../support/strict-push.ts";
import type { Desk, Result } from "../support/strict-wechat.ts";
import { until } from "../support/until.ts";
import { expectOnce, expectTrue, openRig, people, type Rig } from "./rig.ts";

const encodingAESKey = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
const modes = {
  plain: {},
  compatible: { encodingAESKey, mode: "compatible" },
  safe: { encodingAESKey },
} as const;

let rig: Rig;
beforeAll(async () => {
  const extra = { two: {}, forged: {}, sealed: { encodingAESKey }, late: {} };
  rig = await openRig({ accounts: { ...modes, ...extra }, workers: 2 });
});
afterEach(() => rig.expectClean());
afterAll(() => rig.close());

const moments: [string, Result][] = [
  ["before the reply", { when: "before" }],
  ["in the same moment as the reply", { when: 0 }],
  ["1 ms after the reply", { when: 1 }],
  ["2 ms after the reply", { when: 2 }],
  ["three times before the reply", { when: "before", times: 3 }],
  ["three times after the reply", { when: 1, times: 3 }],
];

describe.each(Object.keys(modes))("in %s mode", (account) => {
  // More campaigns than one person may get in a month: each has people of its own.
  const each = moments.map(
    ([when, result], index) => [when, result, people(10_500, index * 20_000)] as const,
  );

  test.each(each)("a result that comes %s closes its batch once", async (when, result, openids) => {
    const desk = rig.desk(account);
    desk.usual = { result };
    const id = `${account}-${when.replaceAll(" ", "-")}`;
    const before = desk.pushed.length;
    const report = await rig.report(await rig.add(id, account, openids));

    expectOnce(desk, id, openids);
    expectTrue(desk, id, report);
    expect(report).toMatchObject({ state: "completed", sendCalls: 2, countsMissing: 0 });
    expect((await rig.batches(id)).map(({ closedBy }) => closedBy)).toEqual(["callback", "callback"]);
    const pushes = 2 * (result.times ?? 1);
    await until(() => desk.pushed.length === before + pushes);
    expect(desk.pushed.slice(before)).toEqual(Array(pushes).fill({ status: 200, text: "success" }));
  });
});

test("two campaigns of one account at once: each person gets each message once", async () => {
  const desk = rig.desk("two");
  desk.usual = { result: { when: 1 } };
  const [one, other] = await Promise.all([
    rig.add("two-1", "two", people(30_500)),
    rig.add("two-2", "two", people(30_500, 15_000)),
  ]);
  const reports = await Promise.all([rig.report(one), rig.report(other)]);
  expectOnce(desk, "two-1", people(30_500));
  expectOnce(desk, "two-2", people(30_500, 15_000));
  for (const [index, report] of reports.entries()) {
    expectTrue(desk, `two-${index + 1}`, report);
    expect(report).toMatchObject({ state: "completed", sendCalls: 4 });
  }
});

/** A campaign whose only batch is accepted and waits for its result. */
async function openCampaign(desk: Desk, id: string) {
  desk.usual = { result: { when: "never", poll: "SENDING" } };
  const job = await rig.add(id, desk.account.id, people(60));
  const sent = await until(() => desk.books.sends.find(({ message }) => message.includes(`「${id}」`)));
  await until(async () => (await rig.batches(id))[0]?.state === "accepted");
  return { job, sent };
}

const counts = { total: 60, filter: 0, sent: 0, error: 0 };
const post = (account: string, query: URLSearchParams, body: string) =>
  httpRequest(`${rig.url}/wechat/${account}/callback?${query}`, { method: "POST", body });

test("forged and malformed callbacks get a 4xx and change nothing", async () => {
  const desk = rig.desk("forged");
  const { job, sent } = await openCampaign(desk, "forged");
  const xml = finishXml({ msgId: sent.msgId, status: "send fail", counts });
  const { query } = sealPush(desk.account, xml);
  const wrong = (name: string, value: string) => {
    const copy = new URLSearchParams(query);
    if (value === "") copy.delete(name);
    else copy.set(name, value);
    return copy;
  };
  const statuses = await Promise.all([
    post("forged", wrong("signature", "0".repeat(40)), xml),
    post("forged", wrong("signature", ""), xml),
    post("forged", wrong("timestamp", "1"), xml),
    post("forged", query, "not xml at all"),
    post("forged", query, '<!DOCTYPE x [<!ENTITY e "boom">]><xml><MsgType>&e;</MsgType></xml>'),
    post("forged", query, "<xml><MsgType>event</MsgType><Event>MASSSENDJOBFINISH</Event></xml>"),
    post("forged", query, `<xml>${"x".repeat(1_100_000)}</xml>`),
    post("nobody", query, xml),
  ]);
  expect(statuses.map(({ status }) => status)).toEqual([403, 400, 403, 400, 400, 400, 413, 404]);
  expect(await rig.show("forged")).toMatchObject({ state: "sending", report: null });
  await desk.push(sent, {});
  expect(await rig.report(job)).toMatchObject({ state: "completed" });
});

test("an account with a key takes nothing plain, nothing of another account's, nothing changed on the way", async () => {
  const desk = rig.desk("sealed");
  const { job, sent } = await openCampaign(desk, "sealed");
  const xml = finishXml({ msgId: sent.msgId, status: "send fail", counts });
  const plain = sealPush({ ...desk.account, mode: "plain" }, xml);
  const foreign = sealPush({ ...desk.account, appid: "wx9999999999999999" }, xml);
  const good = sealPush(desk.account, xml);
  const mixed = sealPush(desk.account, finishXml({ msgId: sent.msgId, status: "send success", counts }));
  const answers = await Promise.all([
    post("sealed", plain.query, plain.body),
    post("sealed", good.query, plain.body),
    post("sealed", foreign.query, foreign.body),
    post("sealed", good.query, mixed.body),
  ]);
  for (const { status } of answers) expect([400, 403]).toContain(status);
  expect(await rig.show("sealed")).toMatchObject({ state: "sending", report: null });
  await desk.push(sent, {});
  expect(await rig.report(job)).toMatchObject({ state: "completed" });
});

test("a replay changes nothing, not even with other counts, and a result nobody owns is kept", async () => {
  const desk = rig.desk("late");
  const { job, sent } = await openCampaign(desk, "late");
  expect(await desk.push(sent, { counts: [60, 58, 50, 8] })).toEqual({ status: 200, text: "success" });
  const report = await rig.report(job);
  expect(report.recipients).toEqual({ submitted: 60, total: 60, filtered: 2, sent: 50, failed: 8 });
  for (const again of [{ counts: [60, 58, 58, 0] as const }, { status: "err(20001)" }])
    expect(await desk.push(sent, again)).toEqual({ status: 200, text: "success" });
  expect((await rig.show("late")).report).toEqual(report);

  const stranger = finishXml({ msgId: "3147483700", status: "send success", counts });
  expect(await desk.post(stranger)).toEqual({ status: 200, text: "success" });
  expect(await rig.client.exists("{qunfa:late}:inbox:3147483700")).toBe(1);
});

test("WeChat's check of the URL is answered with its echostr, and only when it is signed", async () => {
  const { query } = sealPush({ ...rig.desk("safe").account, mode: "plain" }, "");
  query.set("echostr", "4375120948345356249");
  const url = `${rig.url}/wechat/safe/callback`;
  expect(await httpRequest(`${url}?${query}`)).toEqual({ status: 200, text: "4375120948345356249" });
  query.set("nonce", "other");
  expect((await httpRequest(`${url}?${query}`)).status).toBe(403);
});
