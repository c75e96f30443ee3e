import { Redis } from "ioredis";
import { expect, inject } from "vitest";
import type { ReservedApi } from "../../src/campaign/quota.ts";
import { createQuotas } from "../../src/store/quotas.ts";
import { limited } from "./quota-rig.ts";
import { account, type Rig, test } from "./rig.ts";

/** As four processes: each has a connection of its own, and asks until it is told to wait. */
async function race(
  rig: Rig,
  ask: (quotas: ReturnType<typeof createQuotas>, at: string) => Promise<boolean>,
) {
  const clients = Array.from({ length: 4 }, () => new Redis(inject("redisUrl")));
  const won = await Promise.all(
    clients.map(async (client, process) => {
      const quotas = createQuotas(client, rig.keys);
      let count = 0;
      while (await ask(quotas, `${process}-${count}`)) count += 1;
      return count;
    }),
  );
  await Promise.all(clients.map((client) => client.quit()));
  return won;
}

const sum = (counts: readonly number[]) => counts.reduce((all, count) => all + count, 0);

test("four that race for 500 units get exactly 500", async ({ rig }) => {
  const acme = limited({ previewCallsPerDay: 500, callsPerMinute: 10_000 });
  const won = await race(rig, async (quotas, name) => {
    const reply = await quotas.reserve(acme, { api: "preview", name }, rig.clock.now());
    if (reply.word !== "held") return false;
    return (await quotas.commit(acme, reply.unit, rig.clock.now())).word === "go";
  });
  expect(sum(won)).toBe(500);
  expect((await rig.quotas.read(acme, rig.clock.now())).preview).toMatchObject({
    used: 500,
    held: 0,
    left: 0,
  });
});

test("four that race for the budget over all calls, each by another API, get exactly what it has", async ({
  rig,
}) => {
  const acme = limited({
    allCallsPerDay: 120,
    deleteCallsPerDay: 1_000,
    uploadNewsPerDay: 1_000,
    callsPerMinute: 10_000,
  });
  const apis: ReservedApi[] = ["upload", "uploadNews", "delete", "preview"];
  const won = await race(rig, async (quotas, name) => {
    const api = apis[Number(name[0])] ?? "upload";
    return (await quotas.reserve(acme, { api, name }, rig.clock.now())).word === "held";
  });
  expect(sum(won)).toBe(120);
  const { allCalls } = await rig.quotas.read(acme, rig.clock.now());
  expect(allCalls).toMatchObject({ limit: 120, used: 0, held: 120, left: 0 });
});

test("units that are given back in a race are had by others, and none is lost", async ({ rig }) => {
  const acme = limited({ previewCallsPerDay: 60, callsPerMinute: 10_000 });
  const won = await race(rig, async (quotas, name) => {
    const reply = await quotas.reserve(acme, { api: "preview", name }, rig.clock.now());
    if (reply.word !== "held") return false;
    // Every third never leaves.
    if (Number(name.split("-")[1]) % 3 === 2) await quotas.release(acme, reply.unit);
    return true;
  });
  const { preview } = await rig.quotas.read(acme, rig.clock.now());
  expect(preview).toMatchObject({ used: 0, held: 60, left: 0 });
  expect(sum(won)).toBeGreaterThan(60);
});

test("people and machines that race for the minute get it all, machines no more than their share", async ({
  rig,
}) => {
  const acme = limited({ callsPerMinute: 60 });
  const batches = await rig.plan("offer", new Array(4).fill(2));
  const polls = batches.map(async (batch) => {
    let count = 0;
    while ((await rig.poll(batch, { minuteCalls: 50 })).word === "go") count += 1;
    return count;
  });
  expect(sum(await Promise.all(polls))).toBe(50);
  const won = await race(rig, async (quotas, name) => {
    return (await quotas.reserve(acme, { api: "preview", name }, rig.clock.now())).word === "held";
  });
  expect(sum(won)).toBe(10);
  expect(await rig.redis.zcard(rig.keys.minute(account))).toBe(60);
});
