import type { RedisClient } from "../../src/store/script.ts";

/** What every await of the product's on something outside it passes: the store, a queue, WeChat. */
export type Gate = <Value>(label: string, deed: () => Promise<Value>) => Promise<Value>;

export const open: Gate = (_label, deed) => deed();

/** Where a process stops at its `at`-th await: before what is awaited happens, or when it has. */
export type Stop = { readonly at: number; readonly effect: "before" | "after" };

/**
 * The gate of one process, in front of another one. Stopped, no await of the process returns any more: killed
 * it stays so, frozen it goes on once it is thawed.
 */
export function createStoppableGate(behind: () => Gate = () => open) {
  let left = Number.POSITIVE_INFINITY;
  let stop: Stop | undefined;
  let stopped = () => {};
  let thawed: Promise<void> | undefined;
  let thaw = () => {};
  let under = 0;
  let idle = () => {};

  const isStopped = () => thawed !== undefined;
  /** For as long as it is stopped. */
  const hold = () => thawed ?? Promise.resolve();

  async function perform<Value>(label: string, deed: () => Promise<Value>): Promise<Value> {
    under += 1;
    try {
      return await behind()(label, deed);
    } finally {
      under -= 1;
      if (under === 0) idle();
    }
  }

  const gate: Gate = async (label, deed) => {
    await hold();
    left -= 1;
    if (left > 0 || !stop) return perform(label, deed);
    const { effect } = stop;
    stop = undefined;
    thawed = new Promise((resolve) => {
      thaw = resolve;
    });
    if (effect === "before") {
      stopped();
      await hold();
      return perform(label, deed);
    }
    const done = await perform(label, deed);
    stopped();
    await hold();
    return done;
  };

  /** Resolves when it has stopped, and what it had under way has happened. */
  async function untilStopped(): Promise<void> {
    await new Promise<void>((resolve) => {
      stopped = resolve;
    });
    if (under > 0)
      await new Promise<void>((resolve) => {
        idle = resolve;
      });
  }

  return {
    gate,
    isStopped,
    /** A deed of this process until it is over or the process has stopped in it; `rest` is what a thaw brings. */
    async attempt<Value>(deed: () => Promise<Value>, where?: Stop): Promise<{ rest: Promise<Value> }> {
      stop = where;
      left = where?.at ?? Number.POSITIVE_INFINITY;
      const rest = deed();
      if (where) await Promise.race([rest, untilStopped()]);
      else await rest;
      stop = undefined;
      return { rest };
    },
    thaw(): void {
      thawed = undefined;
      thaw();
    },
  };
}

/** Every command of a Redis client passes the gate. */
export function gatedRedis(redis: RedisClient, gate: Gate): RedisClient {
  return new Proxy(redis, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function" || typeof name !== "string") return member;
      return (...args: unknown[]) =>
        gate(name, () => Reflect.apply(member, target, args) as Promise<unknown>);
    },
  });
}
