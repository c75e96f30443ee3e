import { describe, expect } from "vitest";
import type { BatchAddress } from "../../src/store/keys.ts";
import { account, hour, type Rig, second, test } from "./rig.ts";

type Gate = {
  readonly shut: (rig: Rig, batch: BatchAddress) => Promise<unknown>;
  readonly answer: (rig: Rig) => { word: string; reason?: string; why?: string; until?: number | null };
};

const campaign =
  (fields: (now: number) => Record<string, string | number>): Gate["shut"] =>
  (rig, batch) =>
    rig.setCampaign(batch.campaign, fields(rig.clock.now()));
const batch =
  (fields: (now: number) => Record<string, string | number>): Gate["shut"] =>
  (rig, { campaign, number }) =>
    rig.redis.hset(rig.keys.batch(account, campaign, number), fields(rig.clock.now()));
const wait =
  (reason: string, until: (now: number) => number | null = () => null): Gate["answer"] =>
  ({ clock }) => ({ word: "wait", reason, until: until(clock.now()) });
const drop = (why: string) => () => ({ word: "drop", why });

/** What stops a call: how it comes about, and the answer. The clock stands at noon. */
const gates: Record<string, Gate> = {
  "a backoff of its own": {
    shut: batch((now) => ({ notBefore: now + 1 })),
    answer: wait("backoff", (now) => now + 1),
  },
  "a pause of the account": {
    shut: ({ moves }) => moves.pauseAccount(account),
    answer: wait("account"),
  },
  "a stop of the account": {
    shut: ({ blocks, clock }) => {
      const trouble = { code: "X", message: "x" };
      return blocks.put(account, { reason: "month", till: clock.now() + 5, trouble }, clock.now());
    },
    answer: wait("month", (now) => now + 5),
  },
  "a campaign that is being prepared": {
    shut: campaign(() => ({ state: "preparing" })),
    answer: wait("preparing"),
  },
  "a campaign that has not come due": {
    shut: campaign(() => ({ state: "scheduled" })),
    answer: wait("preparing"),
  },
  "a paused campaign": { shut: campaign(() => ({ paused: "true" })), answer: wait("paused") },
  "a campaign that is being canceled": {
    shut: campaign(() => ({ state: "canceling" })),
    answer: drop("cancel"),
  },
  "a campaign whose deadline is ending it": {
    shut: campaign(() => ({ state: "canceling", reason: "DEADLINE" })),
    answer: drop("deadline"),
  },
  "a hold for another batch": {
    shut: campaign(() => ({ hold: "first-batch", firstBatch: 2 })),
    answer: wait("first-batch"),
  },
  "a campaign that has ended": { shut: campaign(() => ({ state: "failed" })), answer: drop("cancel") },
  "a refused message": { shut: campaign(() => ({ refused: "{}" })), answer: drop("campaign") },
  "a stopped campaign": { shut: campaign(() => ({ stopped: "{}" })), answer: wait("content") },
  "a plan that is not durable yet": {
    shut: campaign((now) => ({ sendableAt: now + 1 })),
    answer: wait("backoff", (now) => now + 1),
  },
  "the deadline": { shut: campaign((now) => ({ deadline: now })), answer: drop("deadline") },
  "the window": {
    shut: campaign(() => ({ windowFrom: 13 * 60, windowTo: 14 * 60 })),
    answer: wait("window", (now) => now + hour),
  },
  "another batch's turn": {
    shut: ({ redis, keys, clock }) =>
      redis.hset(keys.turn(account), { owner: "other~1", until: clock.now() + 1 }),
    answer: wait("turn"),
  },
  "another month than that of its reservations": {
    shut: batch(() => ({ month: "2031-02" })),
    answer: wait("other-month"),
  },
  "the day's quota": {
    shut: ({ spend, limits }) => spend(limits().day, 100),
    answer: ({ limits }) => ({ word: "wait", reason: "daily-quota", until: limits().dayEndsAt }),
  },
  "the minute's limit": {
    shut: ({ redis, keys, clock }) => {
      const calls = Array.from({ length: 50 }, (_, call) => [
        clock.now() - 10 * second - call,
        `x~1#${call}`,
      ]);
      return redis.zadd(keys.minute(account), ...calls.flat());
    },
    answer: wait("minute-quota", (now) => now + 50 * second - 49),
  },
};

describe("a call is stopped, and nothing changed, by", () => {
  test.for(Object.entries(gates))("%s", async ([name, { shut, answer }], { rig }) => {
    const planned = await rig.planOne();
    await shut(rig, planned);
    const before = await rig.dump();
    expect(await rig.begin(planned)).toEqual({ ...answer(rig), next: "" });
    expect(await rig.dump()).toEqual(before);
    const asked = name === "another batch's turn";
    expect(await rig.turnOwner()).toBe(asked ? "other~1" : "");
    expect(await rig.redis.zcard(rig.keys.turnQueue(account))).toBe(asked ? 1 : 0);
  });
});

/** Gates that can be shut together; those that write one field are not all here. */
const order = [
  "a backoff of its own",
  "a pause of the account",
  "a stop of the account",
  "a paused campaign",
  "a refused message",
  "the deadline",
  "a stopped campaign",
  "a hold for another batch",
  "a plan that is not durable yet",
  "the window",
  "another batch's turn",
  "another month than that of its reservations",
  "the day's quota",
  "the minute's limit",
];

describe("with this gate and all behind it shut, the answer is this gate's", () => {
  test.for(order.map((name, at) => [name, at] as const))("%s", async ([name, at], { rig }) => {
    const planned = await rig.planOne();
    for (const each of order.slice(at)) await gates[each]?.shut(rig, planned);
    expect(await rig.begin(planned)).toMatchObject(gates[name]?.answer(rig) ?? {});
  });
});

describe("the window", () => {
  const noon = "2031-03-04T12:00:00+08:00";
  test.for<[string, string, string, string, string | null]>([
    ["open from its first minute", noon, "12:00", "13:00", null],
    ["open until its last millisecond", "2031-03-04T12:59:59.999+08:00", "12:00", "13:00", null],
    [
      "shut from its end, until tomorrow",
      "2031-03-04T13:00:00+08:00",
      "12:00",
      "13:00",
      "2031-03-05T12:00:00+08:00",
    ],
    ["shut before it, until it opens", "2031-03-04T11:59:59.999+08:00", "12:00", "13:00", noon],
    [
      "shut at midnight, until today",
      "2031-03-04T00:00:00+08:00",
      "08:00",
      "22:00",
      "2031-03-04T08:00:00+08:00",
    ],
    [
      "open from its first minute when it spans midnight",
      "2031-03-04T21:30:00+08:00",
      "21:30",
      "07:15",
      null,
    ],
    ["open before midnight when it spans it", "2031-03-04T23:00:00+08:00", "21:30", "07:15", null],
    ["open after midnight when it spans it", "2031-03-05T07:14:59.999+08:00", "21:30", "07:15", null],
    [
      "shut by day when it spans midnight",
      "2031-03-05T07:15:00+08:00",
      "21:30",
      "07:15",
      "2031-03-05T21:30:00+08:00",
    ],
    [
      "shut for an odd moment, to the millisecond",
      "2031-03-04T05:43:21.987+08:00",
      "06:07",
      "07:00",
      "2031-03-04T06:07:00+08:00",
    ],
  ])("is %s", async ([_name, now, from, to, opensAt], { rig }) => {
    const minuteOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
    const planned = await rig.planOne();
    await rig.setCampaign(planned.campaign, { windowFrom: minuteOf(from), windowTo: minuteOf(to) });
    rig.clock.set(now);
    await rig.setCampaign(planned.campaign, { sendableAt: 0 });
    const gate = await rig.begin(planned);
    const until = opensAt && new Date(opensAt).getTime();
    expect(gate).toMatchObject(until ? { word: "wait", reason: "window", until } : { word: "go" });
  });

  test("lets a call through at the very moment that it names", async ({ rig }) => {
    const planned = await rig.planOne();
    await rig.setCampaign(planned.campaign, { windowFrom: 13 * 60 + 7, windowTo: 14 * 60 });
    for (const odd of [1, 333, 777, 12_345, 59_999]) {
      rig.clock.set(new Date("2031-03-04T12:00:00+08:00").getTime() + odd);
      const gate = await rig.begin(planned);
      expect(gate.word === "wait" && gate.until).toBe(new Date("2031-03-04T13:07:00+08:00").getTime());
    }
    rig.clock.set("2031-03-04T13:07:00+08:00");
    expect((await rig.begin(planned)).word).toBe("go");
  });
});
