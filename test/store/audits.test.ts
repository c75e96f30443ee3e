import { describe, expect } from "vitest";
import type { AuditEntry } from "../../src/campaign/audit.ts";
import { createAudits } from "../../src/store/audits.ts";
import { openSteps } from "./errcode-rig.ts";
import { account, type Rig, test } from "./rig.ts";

const entry = (at: number, campaign = "offer"): AuditEntry => ({
  ...{ at, act: "pause", account, campaign, who: "ops" },
});
const auditsOf = (rig: Rig) => createAudits(rig.redis, rig.keys);

describe("the audit log", () => {
  test("tells who moved a campaign or the account, when and why, newest first", async ({ rig }) => {
    const steps = openSteps(rig);
    await steps.campaign("offer");
    await steps.moves.campaign("offer", "pause", { who: "ops", why: "typo" });
    await steps.moves.campaign("offer", "resume", { who: "ops" });
    await steps.moves.account(account, "pause", { who: "boss", why: "audit" });
    await steps.moves.account(account, "resume", { who: "boss" });
    await steps.moves.campaign("offer", "cancel", { who: "ops" });
    const { items } = await auditsOf(rig).list(account, { limit: 10 });
    const at = rig.clock.now();
    expect(items).toEqual([
      { at, act: "cancel", account, campaign: "offer", who: "ops" },
      { at, act: "resume", account, who: "boss" },
      { at, act: "pause", account, who: "boss", why: "audit" },
      { at, act: "resume", account, campaign: "offer", who: "ops" },
      { at, act: "pause", account, campaign: "offer", who: "ops", why: "typo" },
    ]);
  });

  test("says nothing of a move that was refused", async ({ rig }) => {
    const steps = openSteps(rig);
    await steps.campaign("offer");
    await expect(steps.moves.campaign("offer", "resume", { who: "ops" })).rejects.toMatchObject({
      code: "ILLEGAL_MOVE",
    });
    expect((await auditsOf(rig).list(account, { limit: 10 })).items).toEqual([]);
  });

  test("tells what qunfa did by itself at a deadline", async ({ rig }) => {
    const steps = openSteps(rig);
    await steps.campaign("offer", "list", { schedule: { deadline: "2031-03-04T12:30:00+08:00" } });
    rig.clock.set("2031-03-04T12:30:00+08:00");
    await steps.campaign("offer");
    expect((await auditsOf(rig).list(account, { limit: 10 })).items).toMatchObject([
      { act: "cancel", campaign: "offer", who: "qunfa", why: "its deadline has passed" },
    ]);
  });

  test("comes page after page, each entry once, while others are added", async ({ rig }) => {
    const { note, list } = auditsOf(rig);
    for (let at = 1; at <= 9; at++) await note(entry(at));
    const seen: number[] = [];
    for (let cursor: string | undefined; ; ) {
      const { items, nextCursor } = await list(account, { limit: 4, cursor });
      seen.push(...items.map(({ at }) => at));
      await note(entry(100));
      if (nextCursor === null) break;
      cursor = nextCursor;
    }
    expect(seen).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  test("of one campaign is found among many others", async ({ rig }) => {
    const { note, list } = auditsOf(rig);
    await note(entry(1, "rare"));
    for (let at = 2; at <= 1_100; at++) await note(entry(at));
    expect(await list(account, { campaign: "rare", limit: 5 })).toEqual({
      items: [entry(1, "rare")],
      nextCursor: null,
    });
  });

  test("takes no cursor that it did not give out", async ({ rig }) => {
    for (const cursor of ["x", "1-", "-", "1-1-1"])
      await expect(auditsOf(rig).list(account, { cursor, limit: 5 })).rejects.toMatchObject({
        ...{ code: "INVALID_PARAMETER", details: { errors: [{ path: "cursor" }] } },
      });
  });
});
