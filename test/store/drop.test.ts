import { describe, expect } from "vitest";
import { createDrop } from "../../workers/drop.ts";
import { account, hour, minute, type Rig, test, trouble, twoOf } from "./rig.ts";

/** The drop of a campaign's job, and the batches that it has woken. */
function dropOf(rig: Rig) {
  const woken: string[] = [];
  const wakeBatch = async (id: string) => void woken.push(id);
  const { batches, clock } = rig;
  return { woken, drop: createDrop({ batches, clock, queues: { wakeBatch }, leaseMs: minute }) };
}

describe("a canceled campaign", () => {
  test.for([
    ["CANCELED", "cancel", "The campaign was canceled."],
    ["DEADLINE", "deadline", "It was not sent by the campaign's deadline."],
  ] as const)("cancels what was not sent, and says why: %s", async ([code, closedBy, message], { rig }) => {
    const [one, two] = await twoOf(rig);
    const { woken, drop } = dropOf(rig);
    await rig.moves.cancel({ account, id: one.campaign }, code);
    const campaign = await rig.campaigns.get({ account, id: one.campaign });
    expect(await drop.canceled(campaign, await rig.batches.of(campaign))).toBe(true);
    for (const batch of [one, two])
      expect(await rig.get(batch)).toMatchObject({ state: "canceled", closedBy, trouble: { code, message } });
    expect(woken).toEqual(["offer~1", "offer~2"]);
    expect(await drop.canceled(campaign, await rig.batches.of(campaign))).toBe(false);
  });

  test.for([
    ["CANCELED", "cancel", "the campaign was canceled"],
    ["DEADLINE", "deadline", "the campaign's deadline passed"],
  ] as const)(
    "tells who has to look at a batch in doubt that it may have been sent: %s",
    async ([code, closedBy, when], { rig }) => {
      const [one, two] = await twoOf(rig);
      await rig.doubt(one, await rig.go(one));
      rig.clock.advance(hour);
      await rig.moves.cancel({ account, id: one.campaign }, code);
      const campaign = await rig.campaigns.get({ account, id: one.campaign });
      await dropOf(rig).drop.canceled(campaign, await rig.batches.of(campaign));
      expect(await rig.get(one)).toMatchObject({
        ...{ state: "needs_review", closedBy },
        trouble: {
          code,
          message: `A call was in doubt when ${when}: it is not asked again.`,
          remedy: "Look in WeChat's console whether it was sent.",
        },
      });
      expect((await rig.get(two)).state).toBe("canceled");
    },
  );
});

test("a batch that was not called fails with WeChat's words about its campaign's message", async ({
  rig,
}) => {
  const [one, two] = await twoOf(rig);
  await rig.refuse(one, await rig.go(one), "campaign");
  const campaign = await rig.campaigns.get({ account, id: one.campaign });
  await dropOf(rig).drop.refused(campaign, await rig.batches.of(campaign));
  expect(await rig.get(two)).toMatchObject({ state: "failed", closedBy: "campaign", trouble });
});
