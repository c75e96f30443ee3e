import { describe, expect } from "vitest";
import type { CampaignId } from "../../src/campaign/campaign-id.ts";
import { reportOf } from "../../src/campaign/report.ts";
import { ATTEMPT_MS } from "../../src/store/attempt.ts";
import { createForgetList } from "../../workers/forget-list.ts";
import { createRetireLists } from "../../workers/retire-lists.ts";
import { openid } from "./plan-rig.ts";
import { account, hour, minute, type Rig, test } from "./rig.ts";
import { silent } from "./step-rig.ts";

const RETENTION_MS = 30 * 24 * hour;
const offer = "offer" as CampaignId;

/** The removal as `compose-steps.ts` wires it; `jobs` are those that are there. */
function retireOf(rig: Rig, jobs: readonly string[] = []) {
  const forgetList = createForgetList({
    ...rig,
    queues: { hasCampaign: async (id: CampaignId) => jobs.includes(id) },
  });
  return createRetireLists({ ...rig, forgetList, retentionMs: RETENTION_MS, log: silent });
}

const store = (rig: Rig) =>
  rig.lists.store(
    (async function* () {
      yield [openid(1), openid(2)];
    })(),
    { now: rig.clock.now() },
  );

const traces = async (rig: Rig) => [
  ...(await rig.redis.keys(`{${rig.name}:list:*`)),
  ...(await rig.redis.keys(rig.keys.storedLists)),
];

describe("a stored list", () => {
  test("goes when nobody has used it for its retention, and leaves nothing", async ({ rig }) => {
    await store(rig);
    rig.clock.advance(RETENTION_MS - 1);
    expect(await retireOf(rig)()).toBe(0);
    rig.clock.advance(1);
    expect(await retireOf(rig)()).toBe(1);
    expect(await traces(rig)).toEqual([]);
  });

  test("stays while a campaign that names it is open, and its retention from that one's end", async ({
    rig,
  }) => {
    const list = await store(rig);
    const campaign = await rig.prepare(offer, { list: list.id });
    await rig.lists.pin(list.id, offer, rig.clock.now());
    rig.clock.advance(2 * RETENTION_MS);
    expect(await retireOf(rig)()).toBe(0);
    await rig.moves.cancel(campaign, "CANCELED");
    const canceled = await rig.campaigns.get(campaign);
    await rig.campaigns.settle(canceled, reportOf(canceled, [], rig.clock.now()), rig.clock.now());
    expect(await rig.campaigns.state(campaign)).toBe("canceled");
    const retire = retireOf(rig);
    rig.clock.advance(RETENTION_MS - 1);
    expect(await retire()).toBe(0);
    rig.clock.advance(1);
    expect(await retire()).toBe(1);
    expect(await traces(rig)).toEqual([]);
  });

  test("stays for a campaign that is just being taken in, and goes if that never comes about", async ({
    rig,
  }) => {
    const list = await store(rig);
    await rig.lists.pin(list.id, offer, rig.clock.now());
    rig.clock.advance(RETENTION_MS);
    expect(await retireOf(rig, [offer])()).toBe(0);
    expect(await retireOf(rig)()).toBe(1);
    expect(await traces(rig)).toEqual([]);
  });

  test("stays while a process that has claimed the id of its campaign may still be taking it in", async ({
    rig,
  }) => {
    const list = await store(rig);
    rig.clock.advance(RETENTION_MS);
    expect(await rig.campaigns.claim(offer, account, rig.clock.now())).toBe(account);
    await rig.lists.pin(list.id, offer, rig.clock.now() - RETENTION_MS);
    rig.clock.advance(ATTEMPT_MS - 1);
    expect(await retireOf(rig)()).toBe(0);
    rig.clock.advance(1);
    expect(await retireOf(rig)()).toBe(1);
    expect(await traces(rig)).toEqual([]);
  });

  test("is found among many that are in use, a slice a run", async ({ rig }) => {
    const jobs = ["used"];
    for (let count = 0; count < 130; count++) {
      const { id } = await store(rig);
      if (count !== 120) await rig.lists.pin(id, "used" as CampaignId, rig.clock.now());
      rig.clock.advance(minute);
    }
    rig.clock.advance(RETENTION_MS);
    const retire = retireOf(rig, jobs);
    expect([await retire(), await retire(), await retire()]).toEqual([0, 1, 0]);
  });
});
