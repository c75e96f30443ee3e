import fc from "fast-check";
import { expect } from "vitest";
import { isClosed } from "../../src/campaign/batch.ts";
import { type BatchAddress, idOf } from "../../src/store/keys.ts";
import { account, hour, minute, type Rig, second, succeeded, timing, trouble } from "./rig.ts";

/** One call that `begin` let through. `answer` is what came back, as far as it was told to the ledger. */
type Call = {
  readonly batch: BatchAddress;
  readonly epoch: number;
  readonly at: number;
  readonly day: string;
  answer: "none" | "doubt" | "accepted" | "clear" | "never-left";
};

const which = fc.nat({ max: 9 });

/** A deed on the ledger; numbers choose a batch, or one of its calls, among those that there are. */
export const anyDeed = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      ms: fc.constantFrom(1, 5 * second, 31 * second, 80 * second, 10 * minute, 6 * hour),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("begin" as const), batch: which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("accept" as const),
      call: which,
      adopted: fc.boolean(),
      msgId: fc.constantFrom("own", "own", "own", "other"),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("doubt" as const), call: which }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("postpone" as const), call: which, neverLeft: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("refuse" as const),
      call: which,
      scope: fc.constantFrom("batch", "review"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("callback" as const),
      batch: which,
      state: fc.constantFrom("succeeded", "failed"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("poll" as const),
      batch: which,
      state: fc.constantFrom("succeeded", "failed"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("drop" as const), batch: which }) },
);
export type Deed = typeof anyDeed extends fc.Arbitrary<infer One> ? One : never;

/** Lives through deeds with some batches of an account and checks, after each, what must always hold. */
export async function createLife(rig: Rig, batches: readonly BatchAddress[]) {
  const calls: Call[] = [];
  const days = new Set<string>();
  const callsOf = (batch: BatchAddress) => calls.filter((call) => call.batch === batch);
  const batchAt = (at: number) => batches[at % batches.length];
  const msgIdOf = (batch: BatchAddress) => `100${batch.number}`;

  async function begin(batch: BatchAddress): Promise<void> {
    const gate = await rig.begin(batch);
    if (gate.word !== "go") return;
    const now = rig.clock.now();
    const last = callsOf(batch).at(-1);
    if (last?.answer === "none") expect(now).toBeGreaterThanOrEqual(last.at + timing.settleMs);
    for (const { answer } of callsOf(batch)) expect(answer).not.toBe("accepted");
    const underWay = calls.filter(
      (call) => call.answer === "none" && call.batch !== batch && call.at + timing.leaseMs > now,
    );
    expect(underWay).toEqual([]);
    const first = callsOf(batch).find(({ answer }) => answer === "none" || answer === "doubt");
    if (first) expect(now).toBeLessThan(first.at + timing.resendWindowMs);
    const { day } = rig.limits();
    days.add(day);
    calls.push({ batch, epoch: gate.epoch, at: now, day, answer: "none" });
  }

  /** What came back of a call that has had no answer yet, perhaps long ago. */
  async function answer(deed: Extract<Deed, { call: number }>): Promise<void> {
    const open = calls.filter((call) => call.answer === "none");
    const call = open[deed.call % Math.max(1, open.length)];
    if (!call) return;
    const { batch, epoch, day } = call;
    if (deed.kind === "accept") {
      const wrong = deed.msgId === "other" ? batches.find((other) => other !== batch) : undefined;
      const { state } = await rig.accept(batch, msgIdOf(wrong ?? batch), deed.adopted);
      // Not believed: the worker notes a doubt at once.
      if (state === "elder") return noteDoubt(call);
      for (const each of callsOf(batch)) if (each.answer !== "never-left") each.answer = "accepted";
      return;
    }
    if (deed.kind === "doubt") return noteDoubt(call);
    if (deed.kind === "postpone") {
      const change = deed.neverLeft ? { neverLeft: true, delayMs: 1_000, capMs: 60_000 } : {};
      const { state } = await rig.postpone(batch, epoch, { day, ...change });
      call.answer = deed.neverLeft && state !== "stale" ? "never-left" : "clear";
      if (state === "planned") expectAllClear(batch);
      return;
    }
    const { state } = await rig.refuse(batch, epoch, deed.scope as "batch");
    call.answer = "clear";
    if (state === "failed") expectAllClear(batch);
  }

  async function noteDoubt(call: Call): Promise<void> {
    await rig.doubt(call.batch, call.epoch);
    call.answer = "doubt";
  }

  /** A refusal speaks for its own call only. */
  function expectAllClear(batch: BatchAddress): void {
    for (const { answer: each } of callsOf(batch)) expect(["clear", "never-left"]).toContain(each);
  }

  async function result(batch: BatchAddress, by: "callback" | "poll", state: string): Promise<void> {
    const came = {
      ...succeeded,
      by,
      state: state as "failed",
      trouble: state === "failed" ? trouble : undefined,
    };
    const before = await rig.get(batch);
    if (by === "poll") await rig.end(batch, came);
    else {
      const { owner } = await rig.batches.deliver(account, msgIdOf(batch), came, rig.clock.now());
      const owning = batches.find((each) => idOf(each) === owner);
      if (owning) await rig.end(owning, came);
    }
    if (before.closedBy === "callback") expect((await rig.get(batch)).state).toBe(before.state);
  }

  async function drop(batch: BatchAddress): Promise<void> {
    if ((await rig.drop(batch)) === "canceled") expectAllClear(batch);
    if (isClosed(await rig.state(batch)))
      for (const call of callsOf(batch)) if (call.answer === "none") call.answer = "doubt";
  }

  async function check(): Promise<void> {
    const records = await Promise.all(batches.map((batch) => rig.get(batch)));
    const numbersOf = (fits: (record: (typeof records)[number]) => boolean) =>
      records.filter(fits).map(({ number }) => number);
    const campaign = { account, id: batches[0]?.campaign ?? ("" as never) };
    expect(await rig.batches.open(campaign)).toEqual(numbersOf(({ state }) => !isClosed(state)));

    const inDoubt = numbersOf(({ state, doubtSince }) => doubtSince !== undefined && !isClosed(state));
    expect((await rig.inDoubt()).map((id) => Number(id.split("~")[1])).sort()).toEqual(inDoubt);

    // A result that no batch owns could be of every batch under review that has no msg_id.
    const reviewed = await rig.redis.zrange(rig.keys.review(account), "0", "-1");
    const couldOwn = await rig.redis.zrangebyscore(rig.keys.review(account), "(0", "+inf");
    const numbers = couldOwn.map((id) => Number(id.split("~")[1]));
    const underReview = ({ state }: (typeof records)[number]) => state === "needs_review";
    expect(reviewed.map((id) => Number(id.split("~")[1])).sort()).toEqual(numbersOf(underReview));
    expect(numbers).toEqual(expect.arrayContaining(numbersOf((one) => underReview(one) && !one.msgId)));

    const units = await Promise.all([...days].map((day) => rig.units(day)));
    const mayHaveLeft = calls.filter((call) => call.answer !== "never-left");
    expect(units.flat()).toHaveLength(mayHaveLeft.length);
    expect(records.reduce((sum, record) => sum + record.calls, 0)).toBe(mayHaveLeft.length);
    for (const { state, doubtSince, msgId } of records) {
      if (state === "sending" || state === "unknown") expect(doubtSince).toBeDefined();
      if (state === "planned" || state === "failed" || state === "canceled")
        expect(doubtSince).toBeUndefined();
      if (state === "accepted" || state === "succeeded") expect(msgId).toBeDefined();
    }
  }

  return async (deed: Deed): Promise<void> => {
    const batch = "batch" in deed ? batchAt(deed.batch) : undefined;
    if (deed.kind === "wait") rig.clock.advance(deed.ms);
    else if ("call" in deed) await answer(deed);
    else if (batch && deed.kind === "begin") await begin(batch);
    else if (batch && deed.kind === "drop") await drop(batch);
    else if (batch && "state" in deed) await result(batch, deed.kind as "poll", deed.state);
    await check();
  };
}
