import { Writable } from "node:stream";
import { Queue, Worker } from "bullmq";
import { pino } from "pino";
import { test as base, describe, expect } from "vitest";
import { openQueues } from "../../src/queues/queues.ts";
import { createSeenEvents } from "../../src/store/seen-events.ts";
import type { Message, PersonEvent } from "../../src/wechat/events.ts";
import { createPassEvent } from "../../workers/pass-event.ts";
import { until } from "../support/until.ts";
import { openid } from "./plan-rig.ts";
import { account, openRig, second } from "./rig.ts";

/** The step on a rig and a queue of a test's own; what it has logged. */
function openEventRig() {
  const rig = openRig();
  const options = { connection: rig.redis, prefix: rig.keys.root };
  const queues = openQueues(options);
  const events = new Queue("events", options);
  let logged = "";
  const sink = new Writable({
    write(chunk, _encoding, done) {
      logged += chunk;
      done();
    },
  });
  const parts = {
    ...{ queues, seenEvents: createSeenEvents(rig.redis, rig.keys), unfollowed: rig.unfollowed },
    ...{ clock: rig.clock, log: pino({ level: "trace" }, sink) },
  };
  return {
    ...rig,
    options,
    parts,
    queues,
    events,
    pass: createPassEvent(parts),
    logged: () => logged,
    isGone: async (person = openid(1)) => (await (await rig.unfollowed.among(account))([person])).size === 1,
    async close() {
      await events.close();
      await queues.close();
      await rig.quit();
    },
  };
}

const test = base.extend<{ rig: ReturnType<typeof openEventRig> }>({
  rig: async ({ task: _task }, use) => {
    const rig = openEventRig();
    await use(rig);
    await rig.close();
  },
});

const at = Date.parse("2031-03-04T11:59:00+08:00");
const event = (type: string, more: Partial<PersonEvent> = {}): PersonEvent => ({
  ...{ kind: "event", type, openid: openid(1), createdAt: at, id: `id-of-${type}` },
  ...more,
});

describe("an event", () => {
  test("becomes one job on the queue events, with the data of the contract", async ({ rig }) => {
    await rig.pass(account, event("SCAN", { key: "7", scene: "7", ticket: "T" }));
    const jobs = await rig.events.getJobs();
    expect(jobs.map(({ id, name, data }) => ({ id, name, data }))).toEqual([
      {
        id: "acme-id-of-SCAN",
        name: "event",
        data: {
          ...{ account, type: "SCAN", openid: openid(1), key: "7", scene: "7", ticket: "T" },
          ...{ createdAt: "2031-03-04T03:59:00.000Z", id: "id-of-SCAN" },
        },
      },
    ]);
    expect(rig.logged()).not.toContain(openid(1));
  });

  test("that comes three times, or in the same moment, is one job", async ({ rig }) => {
    const click = event("CLICK");
    await Promise.all([rig.pass(account, click), rig.pass(account, click)]);
    await rig.pass(account, click);
    await rig.pass("other", click);
    expect((await rig.events.getJobs()).map(({ id }) => id).sort()).toEqual([
      "acme-id-of-CLICK",
      "other-id-of-CLICK",
    ]);
  });

  test("that was taken and removed does not come back when WeChat repeats it", async ({ rig }) => {
    const taken: string[] = [];
    const connection = rig.redis.duplicate({ maxRetriesPerRequest: null });
    const worker = new Worker("events", async (job) => void taken.push(job.data.id), {
      ...rig.options,
      connection,
      removeOnComplete: { count: 0 },
    });
    await rig.pass(account, event("CLICK"));
    await until(async () => taken.length === 1 && (await rig.events.getJobCountByTypes()) === 0);
    await rig.pass(account, event("CLICK"));
    await rig.pass(account, event("VIEW"));
    await until(() => taken.length === 2);
    expect(taken).toEqual(["id-of-CLICK", "id-of-VIEW"]);
    await worker.close();
    await connection.quit();
    const left = await rig.redis.pttl(rig.keys.event(account, "id-of-CLICK"));
    expect(left).toBeGreaterThan(3_500_000);
  });

  test("that could not be put on the queue is put there when it comes again", async ({ rig }) => {
    const away = async () => {
      throw new Error("Connection is closed.");
    };
    const broken = createPassEvent({ ...rig.parts, queues: { addEvent: away } });
    await expect(broken(account, event("unsubscribe"))).rejects.toThrow("closed");
    const unnoted = createPassEvent({ ...rig.parts, seenEvents: { ...rig.parts.seenEvents, note: away } });
    await expect(unnoted(account, event("unsubscribe"))).rejects.toThrow("closed");
    expect(await rig.events.getJobCountByTypes("wait")).toBe(1);
    await rig.pass(account, event("unsubscribe"));
    expect(await rig.events.getJobCountByTypes("wait")).toBe(1);
    expect(await rig.isGone()).toBe(true);
  });

  test.for([
    ["sender", { openid: undefined }],
    ["time", { createdAt: undefined }],
  ] as const)("without a %s is on no queue, and said so", async ([, change], { rig }) => {
    const { openid: _, createdAt: __, ...bare } = event("CLICK");
    const kept = Object.fromEntries(
      Object.entries({ openid: openid(1), createdAt: at }).filter(([name]) => !(name in change)),
    );
    await rig.pass(account, { ...bare, ...kept });
    expect(await rig.events.getJobCountByTypes()).toBe(0);
    expect(rig.logged()).toContain("An event without sender or time was not put on the queue");
    expect(rig.logged()).not.toContain(openid(1));
  });
});

describe("who has unfollowed", () => {
  const message: Message = { kind: "message", type: "text", openid: openid(1), createdAt: at + 2 * second };

  test("is remembered, and forgotten when they follow or do what only a follower can", async ({ rig }) => {
    const back: (PersonEvent | Message)[] = [
      event("subscribe", { createdAt: at + second }),
      event("CLICK", { createdAt: at + second }),
      event("pic_photo_or_album", { createdAt: at + second }),
      message,
    ];
    for (const [index, told] of back.entries()) {
      const person = openid(10 + index);
      await rig.pass(account, event("unsubscribe", { openid: person, id: `gone-${index}` }));
      expect(await rig.isGone(person)).toBe(true);
      await rig.pass(account, { ...told, openid: person });
      expect(await rig.isGone(person)).toBe(false);
    }
  });

  test("is not told by what WeChat itself says of them", async ({ rig }) => {
    await rig.pass(account, event("unsubscribe"));
    for (const type of ["TEMPLATESENDJOBFINISH", "PUBLISHJOBFINISH", "something_new"])
      await rig.pass(account, event(type, { createdAt: at + second }));
    expect(await rig.isGone()).toBe(true);
  });

  test("is not told by an OpenID that is none", async ({ rig }) => {
    await rig.pass(account, event("unsubscribe", { openid: "gh_0123456789ab" }));
    expect(await rig.redis.keys(`${rig.keys.unfollowed(account, 0).slice(0, -1)}*`)).toEqual([]);
  });

  test("is told by WeChat's clock, though ours be minutes behind", async ({ rig }) => {
    const ahead = rig.clock.now() + 300 * second;
    await rig.pass(account, event("unsubscribe", { createdAt: ahead }));
    await rig.pass(account, event("subscribe", { createdAt: ahead + second }));
    await rig.pass(account, event("unsubscribe", { createdAt: ahead }));
    expect(await rig.isGone()).toBe(false);
  });

  test("can come back though the unsubscribe says that it is of the year 33658", async ({ rig }) => {
    await rig.pass(account, event("unsubscribe", { createdAt: 999_999_999_999_000 }));
    expect(await rig.isGone()).toBe(true);
    rig.clock.advance(second);
    await rig.pass(account, event("subscribe", { createdAt: rig.clock.now() }));
    expect(await rig.isGone()).toBe(false);
  });

  test("a plain message goes on no queue", async ({ rig }) => {
    await rig.pass(account, message);
    expect(await rig.events.getJobCountByTypes()).toBe(0);
    expect(await rig.redis.keys(`{${rig.name}:*`)).toEqual([]);
  });
});
