import { expect } from "vitest";
import { capsKeptUntil } from "../../src/campaign/calendar.ts";
import { createContents } from "../../src/store/contents.ts";
import type { BatchAddress } from "../../src/store/keys.ts";
import { createMediaMemory } from "../../src/store/media-memory.ts";
import { createTokens } from "../../src/store/tokens.ts";
import { createUploads } from "../../src/store/uploads.ts";
import { all, createBookingRig, listOf } from "./booking-rig.ts";
import { job, openid, planOf, readmitOf } from "./plan-rig.ts";
import { createPeople } from "./quota-rig.ts";
import { createLife, day, documentedKinds, everybody, type Life, RETENTION_MS } from "./retire-rig.ts";
import { account, hour, minute, type Rig, second, test } from "./rig.ts";

/** Kinds of keys that were there at some moment. */
function createWatch(rig: Rig, life: Life) {
  const kinds = documentedKinds(rig.name);
  const seen = new Set<string>();
  const unknown = new Set<string>();
  return {
    async look(): Promise<void> {
      for (const key of await life.keys()) {
        const named = [...kinds].filter(([, pattern]) => pattern.test(key));
        for (const [kind] of named) seen.add(kind);
        if (named.length === 0) unknown.add(key);
      }
    },
    unknown,
    missing: () => [...kinds.keys()].filter((kind) => !seen.has(kind)),
  };
}

const crash = async () => {
  throw new Error("crash");
};

/** One that ends in every way that a batch can, slips into another month and has a batch under review. */
async function liveLong(rig: Rig, life: Life, look: () => Promise<void>): Promise<void> {
  const people = [...everybody(40_050), ...everybody(7), "nobody", 8];
  const batches = await life.plan("long", people, { name: "long", metadata: { ticket: "1" } });
  const [first, early, unsure, refused, slow] = batches as [
    BatchAddress,
    BatchAddress,
    BatchAddress,
    BatchAddress,
    BatchAddress,
  ];
  expect(batches).toHaveLength(5);
  await rig.go(first);
  await rig.begin(early);
  await look();
  await rig.accept(first, "1001");
  await life.comes("1001", "success", 10_000);
  await rig.go(early);
  await life.comes("1002");
  await look();
  await rig.accept(early, "1002");
  await rig.doubt(unsure, await rig.go(unsure));
  await rig.refuse(refused, await rig.go(refused));
  await life.follow("long");
  await look();

  rig.clock.set("2031-04-01T00:00:01+08:00");
  expect(await rig.begin(unsure)).toMatchObject({ state: "needs_review" });
  const campaign = await life.get("long");
  const readmitted = readmitOf({ ...rig, reservations: { ...rig.reservations, readmitBatch: crash } });
  await readmitted(campaign, await rig.get(slow), job).catch(() => {});
  await look();
  await readmitOf(rig)(campaign, await rig.get(slow), job);
  await rig.go(slow);
  await rig.accept(slow, "1005");
  await rig.poll(slow);
  await rig.end(slow, { by: "poll" });
  expect(await life.follow("long")).toBe("partly_completed");
  await look();
}

/** Campaigns that ended before, while and after they were planned. */
async function cutShort(rig: Rig, life: Life): Promise<void> {
  const planned = await life.takeIn("while-planned", everybody(30));
  const { campaigns } = rig;
  await planOf({ ...rig, campaigns: { ...campaigns, startSending: crash } })(planned, job).catch(() => {});
  expect(await rig.batches.open(planned)).toEqual([1]);
  await rig.moves.cancel(planned, "CANCELED");
  expect(await life.follow("while-planned")).toBe("canceled");

  const early = await life.takeIn("early", everybody(2), { schedule: { startAt: "2031-05-01T00:00:00Z" } });
  await rig.moves.cancel(early, "CANCELED");
  expect(await life.follow("early")).toBe("canceled");

  await life.lived("usual", "2001", everybody(3, 95_000));
  await life.plan("leaves-out", everybody(2, 96_000), {
    exclude: [{ type: "openids", openids: everybody(1, 96_000) }],
  });
  expect(await life.follow("leaves-out")).toBe("failed");
  await life.plan("over", everybody(3, 95_000), { overCap: "fail", perUserPerMonth: 1 });
  expect(await life.follow("over")).toBe("failed");
  await life.plan("alone", everybody(1), { notifyUrl: "https://example.org/" });
  expect(await life.follow("alone")).toBe("failed");
  await life.plan("told", everybody(1), { notifyUrl: "https://example.org/" });
  await life.follow("told");
  const told = { account, campaign: (await life.get("told")).id, revision: 1 };
  await rig.notifications.note(told, { state: "delivered", status: 200 }, rig.clock.now());

  const { reservations } = rig;
  const broken = { ...rig, reservations: { ...reservations, readmitBatch: crash } };
  const slip = async (id: string, batch: BatchAddress) =>
    readmitOf(broken)(await life.get(id), await rig.get(batch), job).catch(() => {});
  const [half] = (await life.plan("half", everybody(9, 90_000))) as [BatchAddress];
  const [skewed] = (await life.plan("skewed", everybody(9, 92_000))) as [BatchAddress];
  rig.clock.set("2031-05-01T00:00:01+08:00");
  await slip("half", half);
  await slip("skewed", skewed);
  // Another worker, whose clock is behind, is in the month before and sends it as it was.
  rig.clock.advance(-10 * minute);
  await rig.go(skewed);
  await rig.accept(skewed, "3001");
  await life.comes("3001");
  expect(await life.follow("skewed")).toBe("completed");
  rig.clock.advance(10 * minute);
  await rig.moves.cancel(await life.get("half"), "CANCELED");
  expect(await life.follow("half")).toBe("canceled");
}

/** What belongs to no campaign. */
async function besides(rig: Rig, life: Life): Promise<void> {
  const desk = createBookingRig(rig);
  await desk.book({ audience: listOf(everybody(20)) });
  // A month of which nothing else is counted.
  rig.clock.set("2031-06-02T12:00:00+08:00");
  await life.comes("9001");
  await desk.book({ audience: all, msgId: "9001" }, "key-1");
  await life.does("unsubscribe", openid(1));
  await life.does("subscribe", openid(2));
  await rig.doNotSend.add(account, [openid(3), openid(4)]);
  const officials = createPeople(rig);
  await officials.use("preview-1");
  await officials.release(await officials.hold("preview-2"));
  await officials.exhaust({ api: "preview", day: "2031-05-01" });
  const tokens = createTokens(rig.redis, rig.keys);
  const now = rig.clock.now();
  await tokens.lease({ account, holder: "one", now, leaseMs: minute });
  const forcing = { forced: true, forceEveryMs: minute, forceAgainMs: second, forcesPerDay: 20 };
  const fetched = { token: "token", renewAt: now, expiresAt: now + 2 * hour, ...forcing };
  await tokens.write({ account, holder: "one", now, ...fetched });
  await tokens.lease({ account, holder: "two", now, leaseMs: minute });
  const { id } = await life.get("long");
  const contents = createContents(rig.redis, rig.keys);
  await contents.keepAsked({ account, id }, { msgtype: "voice", voice: { url: "https://a.example/1.mp3" } });
  const upload = { name: "a.jpg", type: "image/jpeg", bytes: Buffer.from("picture") };
  await createUploads(rig.redis, rig.keys).store(upload, now);
  const memory = createMediaMemory(rig.redis, rig.keys);
  const [kept, asked] = ["1", "2"].map((sha256) => ({ account, kind: "image" as const, sha256 }));
  if (!kept || !asked) throw new Error("there are two");
  await memory.ask(kept, { holder: "one", leaseMs: minute, now });
  await memory.keep(kept, { holder: "one", media: { mediaId: "M" } });
  await memory.ask(asked, { holder: "one", leaseMs: minute, now });
  await rig.moves.pauseAccount(account, { at: now, act: "pause", account, who: "ops" });
  await rig.moves.resumeAccount(account, now);
  await rig.moves.pauseAccount(account);
}

test("nothing is left of a whole life when every retention is over, but what is kept of its account, and the feed", async ({
  rig,
}) => {
  rig.clock.set("2031-03-30T12:00:00+08:00");
  const life = createLife(rig);
  const watch = createWatch(rig, life);
  await liveLong(rig, life, watch.look);
  await cutShort(rig, life);
  await besides(rig, life);
  // Its intake died, and the job is gone.
  const died = { ...rig, campaigns: { ...rig.campaigns, create: crash, drop: async () => {} } };
  await createLife(died)
    .takeIn("died", everybody(9))
    .catch(() => {});
  await watch.look();

  // Every counter of a month goes at the same moment, whoever wrote it last.
  for (const key of (await life.keys()).filter((name) => name.includes(":caps:"))) {
    const month = /:caps:(\d{4}-\d{2})/.exec(key)?.[1] ?? "";
    const off = Date.now() + (await rig.redis.pttl(key)) - capsKeptUntil(month);
    expect({ key, off: Math.abs(off) < minute }).toEqual({ key, off: true });
  }

  rig.clock.advance(RETENTION_MS);
  await life.retireWith({ unpin: crash })();
  await watch.look();
  expect([...watch.unknown]).toEqual([]);
  expect(watch.missing()).toEqual([]);
  await life.retire();
  const open = (await life.keysAt(rig.clock.now())).filter((key) => /:campaign(:|-)/.test(key));
  expect(open.filter((key) => !key.includes(":campaign:long"))).toEqual([rig.keys.campaignIndex]);
  expect((await life.get("long")).report?.batches.needsReview).toBe(1);

  // A person has found out: the result of the batch under review comes after all.
  await rig.accept({ account, campaign: (await life.get("long")).id, number: 3 }, "1003");
  await life.comes("1003", "success", 10_000);
  expect((await life.get("long")).report?.batches).toMatchObject({ needsReview: 0, succeeded: 4, failed: 1 });
  rig.clock.advance(RETENTION_MS - 1);
  await life.retire();
  expect((await life.get("long")).report?.batches.succeeded).toBe(4);
  rig.clock.advance(1);
  await life.retire();
  await life.comes("1003", "success", 10_000);
  rig.clock.advance(100 * day);
  expect(await rig.unfollowed.note(account, openid(1), "seen", 0)).toBe("unfollowed");
  await life.does("CLICK", openid(1));
  for (const at of [3, 4]) await rig.doNotSend.drop(account, openid(at));
  rig.clock.advance(hour);
  await life.retire();
  expect(await life.keysAt(rig.clock.now())).toEqual(
    [
      ...[rig.keys.account(account), rig.keys.token(account), rig.keys.audit(account)],
      ...[rig.keys.messageEnds(account), rig.keys.feed],
    ].sort(),
  );
});
