import { describe, expect } from "vitest";
import { Account } from "../../src/campaign/account.ts";
import type { Campaign } from "../../src/campaign/campaign.ts";
import { newListId } from "../../src/campaign/list.ts";
import { ATTEMPT_MS } from "../../src/store/attempt.ts";
import { createAudiences } from "../../src/store/audiences.ts";
import { createCampaigns } from "../../src/store/campaigns.ts";
import { createContents } from "../../src/store/contents.ts";
import { RestedTooLong } from "../../src/store/keep-fields.ts";
import { createForgetList } from "../../workers/forget-list.ts";
import { createIntake, type IntakeParts } from "../../workers/intake.ts";
import { breakOnce, through } from "./broken-link.ts";
import { openid } from "./plan-rig.ts";
import { createLife, RETENTION_MS } from "./retire-rig.ts";
import { account, hour, type Rig, test } from "./rig.ts";

const people = (count: number, from = 0) => Array.from({ length: count }, (_, at) => openid(from + at));
const bodyOf = (content: string, openids: readonly string[], more: object = {}) => ({
  ...{ account, message: { msgtype: "text", text: { content } } },
  audience: { type: "openids", openids },
  ...more,
});

/** An intake as `compose-steps.ts` wires it, and what it makes of a campaign "offer". */
function openIntake(rig: Rig, change: Partial<IntakeParts> = {}) {
  const own = Account.parse({ id: account, appid: "wx00000000", secret: "s", kind: "service", token: "t" });
  const intake = createIntake({
    ...rig,
    ...{ accounts: new Map([[account, own]]), contents: createContents(rig.redis, rig.keys) },
    restoredFrom: async () => 0,
    ...change,
  });
  return (data: object, timestamp = rig.clock.now()) => intake({ id: "offer", data, timestamp });
}

/** An intake in which something happens between what it puts away and its record. */
const interrupted = (rig: Rig, meanwhile: () => Promise<unknown>) =>
  openIntake(rig, {
    campaigns: {
      ...rig.campaigns,
      create: async (...given) => {
        await meanwhile();
        return rig.campaigns.create(...given);
      },
    },
  });

async function listOf(rig: Rig, campaign: Campaign): Promise<string[]> {
  const found: string[] = [];
  for await (const lines of rig.audiences.readList(campaign)) found.push(...lines.toString().split("\n"));
  return found;
}

const storeOne = (rig: Rig, from = 0) =>
  rig.lists.store(
    (async function* () {
      yield people(2, from);
    })(),
    { now: rig.clock.now() },
  );

/** What attempts to take a campaign in have put away. */
const leftOvers = (rig: Rig) => rig.redis.keys(`{${rig.name}:*:campaign:offer~*`);

describe("what a campaign brings", () => {
  test("lies aside for an hour at most, and stays once there is one", async ({ rig }) => {
    const lives: number[] = [];
    const intake = interrupted(rig, async () => {
      for (const key of await leftOvers(rig)) lives.push(await rig.redis.pttl(key));
    });
    const exclude = [{ type: "openids", openids: people(1, 90) }];
    const message = { msgtype: "image", image: { url: "https://a.example/1.jpg" } };
    const { campaign } = await intake(bodyOf("", people(3), { exclude, message }));
    expect(lives).toHaveLength(3);
    for (const life of lives) expect(life).toBeGreaterThan(3_500_000);
    expect(await leftOvers(rig)).toEqual([]);
    for (const what of ["list", "exclusion", "content"] as const)
      expect(await rig.redis.pttl(rig.keys[what](account, campaign.id)), what).toBe(-1);
    expect(await listOf(rig, campaign)).toEqual(people(3));
  });

  test("makes no campaign without it when it lay for too long, but one by the next try", async ({ rig }) => {
    const late = interrupted(rig, async () => rig.redis.del(await leftOvers(rig)));
    await expect(late(bodyOf("mine", people(3)))).rejects.toThrow("left alone for too long");
    expect(await rig.campaigns.find("offer")).toBeUndefined();
    expect(await openIntake(rig)(bodyOf("mine", people(3)))).toMatchObject({ isNew: true });
  });
});

describe("an attempt", () => {
  test("is told from its repeats though its last answer was lost", async ({ rig }) => {
    const { redis, hasBroken } = breakOnce(rig.redis, '"digest"');
    const intake = openIntake(rig, { campaigns: createCampaigns(redis, rig.keys) });
    expect(await intake(bodyOf("mine", people(2)))).toMatchObject({ isNew: true });
    expect(hasBroken()).toBe(true);
    expect(await openIntake(rig)(bodyOf("mine", people(2)))).toMatchObject({ isNew: false });
  });

  test("whose first chunk has gone is none, though others follow", async ({ rig }) => {
    const redis = through(rig.redis, async (args, run) => {
      const answer = await run();
      if (args.includes(ATTEMPT_MS) && args.includes("0")) await rig.redis.del(String(args[2]));
      return answer;
    });
    const intake = openIntake(rig, { audiences: createAudiences(redis, rig.keys) });
    await expect(intake(bodyOf("mine", people(20_001)))).rejects.toBeInstanceOf(RestedTooLong);
    expect(await rig.campaigns.find("offer")).toBeUndefined();
    expect(await leftOvers(rig)).toEqual([]);
  });

  test("begins the time of its id anew, that a refused one has claimed long before", async ({ rig }) => {
    const list = await storeOne(rig);
    const naming = (audienceId: string) => ({
      ...bodyOf("mine", []),
      audience: { type: "list", audienceId },
    });
    await expect(openIntake(rig)(naming(newListId()))).rejects.toMatchObject({ code: "BAD_CAMPAIGN" });
    rig.clock.advance(RETENTION_MS + hour);
    const forget = createForgetList({ ...rig, queues: { hasCampaign: async () => false } });
    const told: unknown[] = [];
    const late = interrupted(rig, async () => {
      told.push(await createLife(rig).retire(), await forget(list.id));
    });
    expect(await late(naming(list.id))).toMatchObject({ isNew: true });
    expect(told).toEqual([{ campaigns: 0, jobs: 0 }, "pinned"]);
    expect(await rig.campaigns.find("offer")).toMatchObject({ list: list.id });
  });
});

describe("while one is taken in", () => {
  test("another body is refused, and no list is mixed up", async ({ rig }) => {
    const first = openIntake(rig);
    const second = interrupted(rig, async () => first(bodyOf("mine", people(2))));
    await expect(second(bodyOf("yours", people(5, 50)))).rejects.toMatchObject({ code: "ID_REUSED" });
    const campaign = await rig.campaigns.get({ account, id: "offer" as never });
    expect(campaign).toMatchObject({ message: { text: { content: "mine" } }, audience: { received: 2 } });
    expect(await listOf(rig, campaign)).toEqual(people(2));
    expect(await leftOvers(rig)).toEqual([]);
  });

  test("the same body is the same campaign", async ({ rig }) => {
    const body = bodyOf("mine", people(4));
    const told: unknown[] = [];
    const second = interrupted(rig, async () => told.push(await openIntake(rig)(body)));
    told.push(await second(body, rig.clock.now() + 1));
    expect(told).toMatchObject([{ isNew: true }, { isNew: false }]);
    expect(await listOf(rig, await rig.campaigns.get({ account, id: "offer" as never }))).toEqual(people(4));
    expect(await leftOvers(rig)).toEqual([]);
  });

  test("one that is refused lets go of no list that the other names", async ({ rig }) => {
    const [one, two] = [await storeOne(rig), await storeOne(rig, 50)];
    const naming = (audienceId: string, ...excluded: string[]) => ({
      ...bodyOf("mine", []),
      audience: { type: "list", audienceId },
      ...(excluded.length > 0 && { exclude: excluded.map((id) => ({ type: "list", audienceId: id })) }),
    });
    const pins = async () => [await rig.lists.pins(one.id), await rig.lists.pins(two.id)];

    const first = interrupted(rig, async () => {
      const refused = openIntake(rig)(naming(one.id, newListId()));
      await expect(refused).rejects.toMatchObject({ code: "BAD_CAMPAIGN" });
      expect(await pins()).toEqual([[], ["offer"]]);
    });
    const second = interrupted(rig, async () => {
      await first(naming(one.id));
      expect(await pins()).toEqual([["offer"], ["offer"]]);
    });
    await expect(second(naming(two.id, one.id))).rejects.toMatchObject({ code: "ID_REUSED" });
    expect(await pins()).toEqual([["offer"], []]);
  });

  test("one that is refused as it is created lets go of none that it names", async ({ rig }) => {
    const list = await storeOne(rig);
    const naming = { ...bodyOf("mine", []), audience: { type: "list", audienceId: list.id } };
    let isLooking = false;
    const refused = openIntake(rig, {
      campaigns: {
        ...rig.campaigns,
        findAt: async (address) => {
          const found = await rig.campaigns.findAt(address);
          if (!isLooking) {
            isLooking = true;
            expect(await openIntake(rig)(naming)).toMatchObject({ isNew: true });
          }
          return found;
        },
      },
    });
    const exclude = [{ type: "list", audienceId: newListId() }];
    await expect(refused({ ...naming, exclude })).rejects.toMatchObject({ code: "BAD_CAMPAIGN" });
    expect(isLooking).toBe(true);
    expect(await rig.lists.pins(list.id)).toEqual(["offer"]);
  });
});
