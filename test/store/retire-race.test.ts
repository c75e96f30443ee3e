import { describe, expect } from "vitest";
import type { BatchAddress } from "../../src/store/keys.ts";
import { giveBackOf } from "./plan-rig.ts";
import { createLife, everybody, type Life, RETENTION_MS } from "./retire-rig.ts";
import { account, first, type Rig, test } from "./rig.ts";

const crash = async () => {
  throw new Error("crash");
};

/** A removal in which something happens right before one of its steps. */
function meeting(life: Life, step: "begin" | "remove" | "forget", happens: () => Promise<unknown>) {
  const { retirement } = life;
  return life.retireWith({
    retirement: {
      ...retirement,
      [step]: async (...given: never[]) => {
        await happens();
        return (retirement[step] as (...given: never[]) => Promise<unknown>)(...given);
      },
    },
  });
}

/** A campaign closed by a poll, whose retention is over. */
async function overdue(rig: Rig, life: Life, id = "offer"): Promise<BatchAddress> {
  const batch = first(await life.plan(id, everybody(2)));
  await rig.go(batch);
  await rig.accept(batch, "1000");
  await rig.end(batch, { by: "poll" });
  await life.follow(id);
  rig.clock.advance(RETENTION_MS);
  return batch;
}

describe("a removal cut short by a crash", () => {
  test.for(["begin", "unpin", "remove", "forget"] as const)(
    "before %s shows a whole campaign or none, keeps its id from others, and is finished by the next run",
    async (step, { rig }) => {
      const life = createLife(rig);
      await overdue(rig, life);
      // BullMQ may keep the job for longer than the campaign is kept.
      life.jobs.add("offer");
      const whole = await life.get("offer");
      const dying =
        step === "unpin"
          ? life.retireWith({ unpin: crash })
          : life.retireWith({ retirement: { ...life.retirement, [step]: crash } });
      expect(await dying()).toMatchObject({ campaigns: 0 });

      const seen = await rig.campaigns.find("offer");
      expect(seen).toEqual(step === "forget" ? undefined : whole);
      if (seen) expect(await rig.batches.of(seen)).toHaveLength(1);
      const other = () => life.takeIn("offer", everybody(3, 50));
      const code = step === "forget" ? "ID_RETIRING" : "ID_REUSED";
      await expect(other()).rejects.toMatchObject({ code });
      expect(await rig.campaigns.open(account)).toEqual([]);

      expect(await life.retire()).toMatchObject({ campaigns: 1 });
      expect(await rig.redis.exists(rig.keys.retiring)).toBe(0);
      expect((await life.keys()).filter((key) => /campaign|message|ended/.test(key))).toEqual([]);
      expect(await other()).toMatchObject({ state: "preparing", audience: { received: 3 } });
      const before = await rig.dump();
      expect(await life.retire()).toMatchObject({ campaigns: 0 });
      expect(await rig.dump()).toEqual(before);
    },
  );

  test("before its record went stays when it has come under review meanwhile", async ({ rig }) => {
    const life = createLife(rig);
    const batch = await overdue(rig, life);
    await life.retireWith({ unpin: crash })();
    expect(await rig.redis.exists(rig.keys.retiring)).toBe(1);
    await rig.accept(batch, "2000");
    expect(await life.retire()).toMatchObject({ campaigns: 0 });
    expect(await rig.redis.exists(rig.keys.retiring)).toBe(0);
    expect((await life.get("offer")).report?.batches.needsReview).toBe(1);
  });
});

describe("a result that meets the removal", () => {
  test("before the record goes corrects the campaign, which goes a run later", async ({ rig }) => {
    const life = createLife(rig);
    await overdue(rig, life);
    expect(await meeting(life, "remove", () => life.comes("1000", "fail"))()).toMatchObject({ campaigns: 0 });
    expect((await life.get("offer")).state).toBe("failed");
    expect(await rig.redis.exists(rig.keys.retiring)).toBe(0);
    expect(await life.retire()).toMatchObject({ campaigns: 1 });
  });

  test("before the record goes, and is not added up yet, keeps it until it is", async ({ rig }) => {
    const life = createLife(rig);
    const batch = await overdue(rig, life);
    await meeting(life, "remove", () => rig.end(batch, { state: "failed" }))();
    expect(await life.retire()).toMatchObject({ campaigns: 0 });
    expect((await life.get("offer")).state).toBe("completed");
    expect(await rig.campaigns.open(account)).toEqual(["offer"]);
  });

  test("after the record went is kept as nobody's, and brings nothing back", async ({ rig }) => {
    const life = createLife(rig);
    await overdue(rig, life);
    await meeting(life, "forget", () => life.comes("1000", "fail"))();
    const left = (await life.keys()).filter((key) => /campaign|message|ended/.test(key));
    expect(left).toEqual([]);
    expect(await rig.redis.exists(rig.keys.inbox(account, "1000"))).toBe(1);
  });
});

test("two workers that remove the same campaign leave a new one of its id alone", async ({ rig }) => {
  const life = createLife(rig);
  await overdue(rig, life);
  await Promise.all([life.retire(), life.retire()]);
  expect((await life.keys()).filter((key) => /campaign|message|ended|retiring/.test(key))).toEqual([]);

  await overdue(rig, life, "again");
  for (const step of ["begin", "remove", "forget"] as const) {
    // The slow one has looked, the quick one is done, and the id is in use again, its intake just begun.
    const another = async () => {
      await life.retire();
      await rig.campaigns.claim("again" as never, account, rig.clock.now());
      await life.takeIn("again", everybody(4));
    };
    expect(await meeting(life, step, another)()).toMatchObject({ campaigns: expect.any(Number) });
    expect(await life.get("again")).toMatchObject({ state: "preparing", audience: { received: 4 } });
    expect((await rig.campaigns.find("again"))?.state).toBe("preparing");
    expect(await rig.redis.exists(rig.keys.retiring)).toBe(0);
    await rig.moves.cancel(await life.get("again"), "CANCELED");
    await life.follow("again");
    rig.clock.advance(RETENTION_MS);
  }
});

test("a worker that found an intake dead leaves the next one of that id alone", async ({ rig }) => {
  const life = createLife(rig);
  const dead = createLife({ ...rig, campaigns: { ...rig.campaigns, create: crash } });
  for (const step of ["begin", "remove", "forget"] as const) {
    await dead.takeIn("died", everybody(9)).catch(() => {});
    rig.clock.advance(RETENTION_MS);
    const another = async () => {
      await life.retire();
      await rig.campaigns.claim("died" as never, account, rig.clock.now());
    };
    await meeting(life, step, another)();
    expect(await life.retirement.accountOf("died" as never)).toBe(account);
    expect(await rig.redis.exists(rig.keys.retiring)).toBe(0);
  }
});

test("a worker that leaves a campaign where it is does not stop the removal of the next one of its id", async ({
  rig,
}) => {
  const { retirement } = createLife(rig);
  const id = "offer" as never;
  await rig.campaigns.claim(id, account, 2_000);
  await retirement.begin(await retirement.claimedId(id));
  expect(await retirement.stop({ id, claimedAt: "1000" })).toBe("done");
  expect(await retirement.begun()).toEqual(["offer"]);
});

describe("whoever is late", () => {
  const late: [string, (rig: Rig, batch: BatchAddress) => Promise<unknown>][] = [
    ["a result for a batch that was found before", (rig, batch) => rig.end(batch)],
    ["a poll's result", (rig, batch) => rig.end(batch, { by: "poll" })],
    ["a poll that is noted", (rig, batch) => rig.poll(batch)],
    ["an answer that names a msg_id", (rig, batch) => rig.accept(batch, "1000")],
    ["an answer not understood", (rig, batch) => rig.doubt(batch, 1)],
    ["a refusal", (rig, batch) => rig.refuse(batch, 1, "campaign")],
    ["a call that never left", (rig, batch) => rig.postpone(batch, 1, { neverLeft: true })],
    ["a worker that gives up", (rig, batch) => rig.drop(batch)],
    ["a worker that asks at the gate", (rig, batch) => rig.begin(batch)],
  ];
  test.for(late)("%s brings nothing of a removed campaign back", async ([_who, comes], { rig }) => {
    const life = createLife(rig);
    const batch = await overdue(rig, life);
    await life.retire();
    const before = await rig.dump();
    await comes(rig, batch);
    const after = await rig.dump();
    const minute = rig.keys.minute(account);
    expect(Object.keys(after).filter((key) => key !== minute)).toEqual(
      Object.keys(before).filter((key) => key !== minute),
    );
    expect(await rig.inDoubt()).toEqual([]);
  });

  test("a worker that gives back what it has read takes no message back twice", async ({ rig }) => {
    const life = createLife(rig);
    const [batch] = await life.plan("offer", everybody(5));
    if (!batch) throw new Error("no batch");
    await life.plan("other", everybody(5));
    await rig.refuse(batch, await rig.go(batch));
    const campaign = await life.get("offer");
    const all = await rig.batches.of(campaign);
    const month = { account, month: "2031-03" };
    // It has read who is to get their message back, and stands still until the campaign is gone.
    const slow = { ...rig.reservations };
    slow.giveBack = async (...given: Parameters<typeof slow.giveBack>) => {
      if ((await rig.campaigns.find("offer")) !== undefined) {
        await life.follow("offer");
        rig.clock.advance(RETENTION_MS);
        await life.retire();
      }
      return rig.reservations.giveBack(...given);
    };
    await giveBackOf({ ...rig, reservations: slow })(campaign, all);
    expect(await rig.campaigns.find("offer")).toBeUndefined();
    expect(await Promise.all(everybody(5).map((openid) => rig.caps.used(month, openid)))).toEqual([
      1, 1, 1, 1, 1,
    ]);
    expect((await life.keys()).filter((key) => key.includes("offer"))).toEqual([]);
  });
});
