import { readFileSync } from "node:fs";
import { describe, expect } from "vitest";
import { viewBatch } from "../../src/http/campaign-view.ts";
import { readEvent } from "../../src/wechat/events.ts";
import { createXmlReader } from "../../src/wechat/xml.ts";
import { openSteps, type Steps } from "./errcode-rig.ts";
import { account, minute, type Rig, test } from "./rig.ts";

const readXml = createXmlReader();

/** A push that was really seen (WECHAT.md section 6.3), as the result of this msg_id. */
function push(name: string, msgId: string, status?: string) {
  const xml = readFileSync(new URL(`../fixtures/callbacks/${name}.xml`, import.meta.url), "utf8");
  const event = readEvent(readXml(xml.replace(/<MsgID>\d+/, `<MsgID>${msgId}`)));
  if (event.kind !== "mass-result") throw new Error("no result");
  const err = Number(/\d+/.exec(status ?? "")?.[0]);
  return status ? { ...event, rawStatus: status, status: { err } } : event;
}

/** An accepted send to a tag, and its msg_id. */
async function accepted(rig: Rig, steps: Steps): Promise<string> {
  await steps.send("offer", "tag");
  return (await rig.get(steps.address("offer"))).msgId ?? "";
}

const shown = async (rig: Rig, steps: Steps) => viewBatch(await rig.get(steps.address("offer")), {});

const reprint = (index: number) => ({
  ...{ index, declared: 0, audit: 2, originalUrl: `http://mp.weixin.qq.com/s/original-${index}` },
  ...{ originalType: 1, canReprint: true, needReplaceContent: true, needShowReprintSource: true },
});
const checked = { checkState: 2, articles: [reprint(1), reprint(2)] };
const articleUrls = [
  { index: 1, url: "http://mp.weixin.qq.com/s?__biz=TEST==&mid=1000001625&idx=1&sn=0123" },
];

describe("what WeChat's check of originality found", () => {
  test("stands in the batch that it stopped, article by article, with what a person can do", async ({
    rig,
  }) => {
    const steps = openSteps(rig);
    await steps.deliver(account, push("2016-originality-1000001625", await accepted(rig, steps)));
    expect(await shown(rig, steps)).toMatchObject({
      ...{ state: "failed", closedBy: "callback", originality: checked, articleUrls },
      error: {
        ...{ code: "ORIGINALITY_REFUSED", errcode: 30003, rid: null },
        message: "An article is a reprint, and the campaign stops at that (err(30003))",
        remedy: expect.stringContaining("send_ignore_reprint 1"),
      },
    });
  });

  test("stands in a batch that was sent all the same, and a later push changes nothing", async ({ rig }) => {
    const steps = openSteps(rig);
    const msgId = await accepted(rig, steps);
    await steps.deliver(account, push("2022-article-1000000003", msgId));
    const first = await shown(rig, steps);
    expect(first).toMatchObject({
      ...{ state: "succeeded", error: null, originality: { checkState: 0, articles: [] } },
      articleUrls: [{ index: 1, url: expect.stringContaining("mid=2247483700") }],
    });
    await steps.deliver(account, push("2016-originality-1000001625", msgId));
    expect(await shown(rig, steps)).toEqual(first);
  });

  test("is null where a push says nothing of it, and where only a poll has closed the batch", async ({
    rig,
  }) => {
    const steps = openSteps(rig);
    await steps.deliver(account, push("2014-sendsuccess-1988", await accepted(rig, steps)));
    expect(await shown(rig, steps)).toMatchObject({ originality: null, articleUrls: [] });
  });

  test("comes to a batch that a poll has closed with the first push", async ({ rig }) => {
    const steps = openSteps(rig);
    const msgId = await accepted(rig, steps);
    rig.clock.advance(minute);
    steps.answers.push({ msg_status: "SEND_FAIL" });
    await steps.batch("offer");
    expect(await shown(rig, steps)).toMatchObject({ closedBy: "poll", originality: null });
    await steps.deliver(account, push("2016-originality-1000001625", msgId));
    expect(await shown(rig, steps)).toMatchObject({
      closedBy: "callback",
      originality: checked,
      articleUrls,
    });
  });

  test("comes before WeChat's answer, and waits for it", async ({ rig }) => {
    const steps = openSteps(rig);
    await steps.deliver(account, push("2016-originality-1000001625", "77"));
    await steps.send("offer", "list", { errcode: 0, msg_id: 77 });
    expect(await shown(rig, steps)).toMatchObject({ state: "failed", originality: checked, articleUrls });
    expect(await steps.shown("offer")).toMatchObject({ waits: ["content", "a person"], why: 30003 });
  });
});

describe("whether a reprint is to be sent all the same", () => {
  const wishes = [{}, { send_ignore_reprint: 0 }, { send_ignore_reprint: 1 }];
  const told = (["list", "tag", "all"] as const).flatMap((audience) =>
    wishes.map((wish) => ({ audience, wish })),
  );

  test.for(told)("is told to WeChat with a send to $audience: $wish", async ({ audience, wish }, { rig }) => {
    const steps = openSteps(rig);
    await steps.campaign("offer", audience, wish);
    await steps.batch("offer");
    expect(steps.sends).toMatchObject([{ send_ignore_reprint: wish.send_ignore_reprint ?? 0 }]);
  });
});

describe("a send that WeChat stopped", () => {
  test.for([
    ["err(30001)", /check of originality failed/, /send_ignore_reprint 1/],
    ["err(30002)", /original forbids/, /author of the original/],
    ["err(30003)", /is a reprint/, /send_ignore_reprint 1/],
    ["err(40001)", /administrator refused/, /administrator/],
    ["err(40002)", /30 minutes/, /administrator/],
  ] as const)(
    "%s says why, and what to do; what it reserved goes back",
    async ([status, why, remedy], { rig }) => {
      const steps = openSteps(rig);
      await steps.send("offer", "all");
      expect(await steps.counted("offer")).toBe(1);
      const { msgId = "" } = await rig.get(steps.address("offer"));
      await steps.deliver(account, push("2024-err-20431-3147487831", msgId, status));
      const { state, error } = await shown(rig, steps);
      expect([state, error?.message, error?.remedy]).toEqual([
        "failed",
        expect.stringMatching(why),
        expect.stringMatching(remedy),
      ]);
      expect(error?.message).toContain(status);
      await steps.campaign("offer");
      expect(await steps.counted("offer")).toBe(0);
      expect((await steps.shown("offer")).report).toEqual({ state: "failed", reason: "SEND_FAILED" });
    },
  );
});
