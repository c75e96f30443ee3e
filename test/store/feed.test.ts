import { describe, expect } from "vitest";
import { FEED_START } from "../../src/campaign/feed-event.ts";
import { progressOf } from "../../src/campaign/report.ts";
import { createAnnounce } from "../../workers/announce.ts";
import { createCampaignStep } from "../../workers/campaign.ts";
import { planOf } from "./plan-rig.ts";
import { createLife, everybody } from "./retire-rig.ts";
import { account, first, type Rig, second, test } from "./rig.ts";
import { createStillQueues, settleOf, view } from "./step-rig.ts";

/** What the feed holds, in few words. */
async function told(rig: Rig): Promise<string[]> {
  const events = await rig.feed.after(FEED_START, 100);
  return events.map(({ type, data }) => {
    const { state, progress } = JSON.parse(data) as { state: string; progress?: { percent: number } };
    return `${type.slice("campaign.".length)} ${state}${progress ? ` ${progress.percent}%` : ""}`;
  });
}

const acme = { id: "offer", account: "acme" };
const announceOf = (rig: Rig) => createAnnounce({ ...rig, queues: createStillQueues().queues });

describe("the feed", () => {
  test("tells a state once, whoever sees it, and again when it has come back", async ({ rig }) => {
    const tell = (state: string) => rig.feed.publish("campaign.state", { ...acme, state }, state);
    expect([await tell("sending"), await tell("sending")]).toEqual(["published", "known"]);
    expect([await tell("paused"), await tell("sending")]).toEqual(["published", "published"]);
    expect(await told(rig)).toEqual(["state sending", "state paused", "state sending"]);
  });

  test("tells each report once, and no state and no older report behind it", async ({ rig }) => {
    const tell = (mark: string) => rig.feed.publish("campaign.closed", { ...acme, state: "completed" }, mark);
    const words: string[] = [];
    for (const mark of ["sending", "1", "sending", "1", "2", "1", "10", "9"]) words.push(await tell(mark));
    expect(words).toEqual([
      ...["published", "published", "known", "known", "published", "known", "published", "known"],
    ]);
  });

  test("keeps about ten thousand events", async ({ rig }) => {
    const pipeline = rig.redis.pipeline();
    for (let at = 0; at < 20_000; at++) pipeline.xadd(rig.keys.feed, "*", "type", "old", "data", "{}");
    await pipeline.exec();
    await rig.feed.publish("campaign.progress", { ...acme, state: "sending" });
    expect(await rig.redis.xlen(rig.keys.feed)).toBeLessThan(11_000);
  });
});

describe("a campaign's job", () => {
  test("tells each state that it sees, and its report though whoever wrote that has died", async ({
    rig,
  }) => {
    const life = createLife(rig);
    const campaign = await life.takeIn("offer", everybody(4), {
      schedule: { startAt: "2031-03-04T13:00+08:00" },
    });
    const run = () =>
      createCampaignStep({
        prepare: async () => life.get("offer"),
        makeContent: async (taken) => taken,
        schedule: async (taken) => (taken.state === "scheduled" ? sleep : taken),
        gather: async (started) => started,
        plan: planOf(rig),
        settle: settleOf(rig).settle,
        announce: announceOf(rig),
        count: async () => undefined,
      })(view);
    const sleep = { kind: "sleep", delayMs: 0, changed: async () => false } as const;
    await run();
    await run();
    await rig.moves.pause(campaign);
    await run();
    await rig.moves.resume(campaign, { from: "paused", lift: false }, rig.clock.now());
    await run();
    expect(await told(rig)).toEqual(["state scheduled", "state paused", "state scheduled"]);

    rig.clock.set("2031-03-04T13:00:00+08:00");
    await rig.campaigns.comeDue(campaign, rig.clock.now());
    await run();
    expect((await told(rig)).slice(3)).toEqual(["state preparing", "state sending", "progress sending 0%"]);

    const batch = { account: "acme", campaign: campaign.id, number: 1 };
    await rig.go(batch);
    await rig.accept(batch, "1000");
    await rig.end(batch);
    const dead = settleOf({
      ...rig,
      feed: { ...rig.feed, publish: () => Promise.reject(new Error("crash")) },
    });
    await expect(dead.settle(await life.get("offer"), view)).rejects.toThrow("crash");
    await settleOf(rig).settle(await life.get("offer"), view);
    await run();
    await run();
    expect((await told(rig)).slice(6).filter((event) => event.startsWith("closed"))).toEqual([
      "closed completed",
    ]);
  });

  test("tells its progress about once a second, and what it left out at its next look", async ({ rig }) => {
    const batches = await rig.plan("offer", [2, 2, 2]);
    const announce = announceOf(rig);
    const look = async () => {
      const campaign = await rig.campaigns.get({ account, id: first(batches).campaign });
      const all = await rig.batches.of(campaign);
      await announce.course(campaign, all, progressOf(all));
    };
    const end = async (at: number) => {
      const batch = batches[at];
      if (!batch) throw new Error("no batch");
      await rig.go(batch);
      await rig.accept(batch, `100${at}`);
      await rig.end(batch);
    };
    await look();
    for (const at of [0, 1]) {
      await end(at);
      await look();
    }
    expect(await told(rig)).toEqual(["state sending", "progress sending 0%"]);
    rig.clock.advance(second);
    await look();
    await look();
    rig.clock.advance(second);
    await look();
    expect((await told(rig)).slice(2)).toEqual(["progress sending 66%"]);
  });
});
