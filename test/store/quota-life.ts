import fc from "fast-check";
import { expect } from "vitest";
import type { QuotaApi, ReservedApi, SendUnit } from "../../src/campaign/quota.ts";
import { type BatchAddress, idOf } from "../../src/store/keys.ts";
import { createQuotaCorrections } from "../../src/store/quota-corrections.ts";
import type { Unit } from "../../src/store/quotas.ts";
import { dayBefore, type Model, midnightAfter, type Rules } from "./quota-model.ts";
import { createPeople } from "./quota-rig.ts";
import { account, minute, type Rig, second } from "./rig.ts";

const api = fc.constantFrom<ReservedApi>("uploadNews", "delete", "preview", "upload", "status");
const name = fc.constantFrom("a", "b", "c", "d");
const batch = fc.nat({ max: 3 });

export const anyDeed = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      ms: fc.constantFrom(1, second, 20 * second, minute - 1, minute, 90 * second, 600 * minute),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("midnight" as const),
      before: fc.constantFrom(40 * second, 3 * second + 1, 3 * second, 1, 0),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("send" as const),
      batch,
      answer: fc.constantFrom("none", "doubt", "doubt", "not-now", "never-left", "refused", "unlisted"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("poll" as const), batch }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("reserve" as const), api, name }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom("commit" as const, "commit" as const, "release" as const),
      unit: fc.nat({ max: 9 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("exhaust" as const), api }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("hear" as const),
      api: fc.constantFrom<QuotaApi>("send", "delete", "preview"),
      used: fc.nat({ max: 3 }),
    }),
  },
);
export type Deed = typeof anyDeed extends fc.Arbitrary<infer One> ? One : never;

export const anyRules: fc.Arbitrary<Rules & { sendUnit: SendUnit }> = fc
  .record({
    perDay: fc.record({
      send: fc.integer({ min: 1, max: 4 }),
      uploadNews: fc.integer({ min: 1, max: 3 }),
      delete: fc.integer({ min: 1, max: 3 }),
      preview: fc.integer({ min: 1, max: 3 }),
    }),
    allCalls: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
    perMinute: fc.integer({ min: 1, max: 8 }),
    sendUnit: fc.constantFrom<SendUnit>("call", "batch"),
  })
  .map((rules) => ({ ...rules, machines: Math.max(1, Math.floor((rules.perMinute * 5) / 6)) }));

/** Lives through deeds and holds every answer, and after each deed the read, against the model. */
export async function createQuotaLife(
  rig: Rig,
  model: Model,
  rules: Rules & { sendUnit: SendUnit },
  batches: readonly BatchAddress[],
) {
  const { perDay, allCalls, perMinute, machines, sendUnit } = rules;
  const people = createPeople(rig, {
    ...{ sendCallsPerDay: perDay.send, uploadNewsPerDay: perDay.uploadNews, callsPerMinute: perMinute },
    ...{ deleteCallsPerDay: perDay.delete, previewCallsPerDay: perDay.preview },
    ...(allCalls !== undefined && { allCallsPerDay: allCalls }),
  });
  const corrections = createQuotaCorrections(rig.redis, rig.keys, rig.batches);
  const reserved: { unit: Unit; day: number }[] = [];
  const sends: { batch: string; day: number; mayHaveSucceeded: boolean }[] = [];
  const called: { at: number; place: string }[] = [];
  const now = () => rig.clock.now();
  const limits = { sendCalls: perDay.send, sendUnit, minuteCalls: machines, allCalls };
  const batchAt = (at: number) => batches[at % batches.length] as BatchAddress;
  let polls = 0;

  async function send(address: BatchAddress, answer: Extract<Deed, { kind: "send" }>["answer"]) {
    const day = midnightAfter(now());
    const id = idOf(address);
    const perBatch = sendUnit === "batch";
    const repeats =
      perBatch && sends.some((one) => one.batch === id && one.day === day && one.mayHaveSucceeded);
    const { calls } = await rig.get(address);
    const gate = await rig.begin(address, limits);
    if (gate.word !== "go") {
      if (gate.word !== "wait" || !gate.reason.endsWith("-quota")) return;
      const stop = model.dayStop(now(), day, "send", repeats);
      if (gate.reason === "daily-quota") return expect(stop).toBe(gate.until);
      expect([stop, model.minuteStop(now(), "machines")]).toEqual([undefined, gate.until]);
      return;
    }
    expect(model.dayStop(now(), day, "send", repeats)).toBeUndefined();
    expect(model.minuteStop(now(), "machines")).toBeUndefined();

    const place = `${id}#${calls + 1}`;
    const unit = perBatch ? id : place;
    const call = { batch: id, day, mayHaveSucceeded: true };
    sends.push(call);
    called.push({ at: now(), place });
    model.take(day, "send", unit, "used");
    model.call(day, place);
    model.place(place, now());
    await end(address, gate.epoch, answer);

    const clear = answer === "not-now" || answer === "never-left" || answer === "refused";
    call.mayHaveSucceeded = !clear;
    if (answer === "never-left") {
      called.pop();
      model.uncall(day, place);
      model.unplace(place);
    }
    if (perBatch ? clear && !repeats : answer === "never-left") model.give(day, "send", unit);
  }

  async function end(address: BatchAddress, epoch: number, answer: string): Promise<void> {
    const missed = { neverLeft: true, delayMs: second, capMs: minute };
    if (answer === "doubt") await rig.doubt(address, epoch);
    if (answer === "not-now") await rig.postpone(address, epoch, { sendUnit });
    if (answer === "never-left") await rig.postpone(address, epoch, { sendUnit, ...missed });
    if (answer === "refused") await rig.refuse(address, epoch, "batch", { sendUnit });
    if (answer === "unlisted") await rig.refuse(address, epoch, "review", { sendUnit });
  }

  async function poll(address: BatchAddress): Promise<void> {
    const day = midnightAfter(now());
    const dayStop = allCalls === undefined ? undefined : model.dayStop(now(), day, "poll");
    const stop = dayStop ?? model.minuteStop(now(), "machines");
    const reply = await rig.poll(address, { minuteCalls: machines, allCalls });
    expect(reply).toEqual(stop === undefined ? { word: "go", until: 0 } : { word: "wait", until: stop });
    if (stop !== undefined) return;
    polls += 1;
    const place = `poll ${polls}`;
    called.push({ at: now(), place });
    model.call(day, place);
    model.place(place, now());
  }

  async function reserve(api: ReservedApi, name: string): Promise<void> {
    const day = midnightAfter(now());
    const unit = { api, name, day: dayBefore(day) };
    const reply = await people.reserve(name, api);
    const is = model.isTaken(day, api, name);
    if (is) return expect(reply).toEqual({ word: is, unit });
    const dayStop = model.dayStop(now(), day, api);
    if (dayStop) return expect(reply).toEqual({ word: "wait", reason: "daily-quota", until: dayStop });
    const until = model.minuteStop(now(), "people");
    if (until) return expect(reply).toEqual({ word: "wait", reason: "minute-quota", until });
    expect(reply).toEqual({ word: "held", unit });
    reserved.push({ unit, day });
    model.take(day, api, name, "held");
    model.call(day, `${api} ${name}`);
    model.place(`${api} ${name}`, now());
  }

  async function commit({ unit, day }: { unit: Unit; day: number }): Promise<void> {
    const { api, name } = unit;
    const place = `${api} ${name}`;
    const is = model.isTaken(day, api, name);
    const reply = await people.commitOr(unit);
    if (is !== "held") return expect(reply).toEqual({ word: is ?? "gone" });
    if (now() >= day - 3 * second || model.isSpent(day, api)) {
      giveBack(unit, day);
      return expect(reply).toEqual({ word: "over" });
    }
    const until = model.isRecent(now(), place) ? undefined : model.minuteStop(now(), "people");
    if (until) return expect(reply).toEqual({ word: "wait", until });
    expect(reply).toEqual({ word: "go" });
    model.take(day, api, name, "used");
    model.place(place, now());
    called.push({ at: now(), place });
  }

  async function release({ unit, day }: { unit: Unit; day: number }): Promise<void> {
    const is = model.isTaken(day, unit.api, unit.name);
    expect(await people.release(unit)).toBe(is ? "released" : "gone");
    if (!is) return;
    if (is === "used")
      called.splice(
        called.findLastIndex(({ place }) => place === `${unit.api} ${unit.name}`),
        1,
      );
    giveBack(unit, day);
  }

  function giveBack({ api, name }: Unit, day: number): void {
    model.give(day, api, name);
    model.uncall(day, `${api} ${name}`);
    model.unplace(`${api} ${name}`);
  }

  async function check(): Promise<void> {
    const state = await people.read();
    expect(state).toEqual(model.read(now()));
    for (const quota of [state.send, state.uploadNews, state.delete, state.preview, state.allCalls]) {
      if (!quota) continue;
      // What was called elsewhere nobody could keep from passing a limit.
      if (quota.external === 0) expect(quota.used + quota.held).toBeLessThanOrEqual(quota.limit);
      expect(quota.left).toBeGreaterThanOrEqual(0);
    }
    for (const { at } of called) {
      const inWindow = called.filter((other) => other.at >= at && other.at < at + minute);
      expect(inWindow.length).toBeLessThanOrEqual(perMinute);
    }
  }

  return async (deed: Deed): Promise<void> => {
    if (deed.kind === "wait") rig.clock.advance(deed.ms);
    if (deed.kind === "midnight") rig.clock.set(midnightAfter(now()) - deed.before);
    if (deed.kind === "send") await send(batchAt(deed.batch), deed.answer);
    if (deed.kind === "poll") await poll(batchAt(deed.batch));
    if (deed.kind === "reserve") await reserve(deed.api, deed.name);
    const one = "unit" in deed ? reserved[deed.unit % Math.max(1, reserved.length)] : undefined;
    if (one && deed.kind === "commit") await commit(one);
    if (one && deed.kind === "release") await release(one);
    if (deed.kind === "exhaust") {
      const day = midnightAfter(now());
      await people.exhaust({ api: deed.api, day: dayBefore(day) });
      model.exhaust(day, deed.api);
    }
    if (deed.kind === "hear") {
      const day = midnightAfter(now());
      const said = { api: deed.api, day: dayBefore(day), used: deed.used, limit: undefined };
      const added = model.hear(day, deed.api, deed.used);
      const external = model.external(day, deed.api);
      expect(await corrections.hear({ id: account as never }, said)).toEqual({ external, added });
    }
    await check();
  };
}
