import type { Redis } from "ioredis";

type Run = () => Promise<unknown>;

/** A client each command of which is run by `pass`, or not. */
export function through(redis: Redis, pass: (args: readonly unknown[], run: Run) => Promise<unknown>): Redis {
  const get = (_: Redis, name: keyof Redis) => {
    const value = redis[name];
    if (typeof value !== "function") return value;
    const command = value as (...args: unknown[]) => Promise<unknown>;
    return (...args: unknown[]) => pass(args, () => command.apply(redis, args));
  };
  return new Proxy(redis, { get } as ProxyHandler<Redis>);
}

/**
 * A client whose connection breaks once, after Redis has run the first command with `word` among its arguments: its
 * answer is lost, and the client sends it again as it comes back, which ioredis does by itself.
 */
export function breakOnce(redis: Redis, word: string): { redis: Redis; hasBroken: () => boolean } {
  let hasBroken = false;
  const breaking = through(redis, async (args, run) => {
    const isIt = !hasBroken && args.some((argument) => String(argument).includes(word));
    const answer = await run();
    if (!isIt) return answer;
    hasBroken = true;
    return run();
  });
  return { redis: breaking, hasBroken: () => hasBroken };
}
