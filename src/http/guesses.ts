import type { Context } from "hono";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { Failure } from "../failure.ts";
import type { RedisClient } from "../store/script.ts";
import type { ClientOf } from "./client.ts";

/** How many wrong ones are answered, in how many seconds: from one address, and from all together. */
export type GuessLimits = {
  readonly each: number;
  readonly all: number;
  readonly seconds: number;
};

/** A program whose key was changed asks on and on. */
const KEY_GUESSES: GuessLimits = { each: 20, all: 200, seconds: 60 };

/** Beside the addresses: it is none. */
const ALL = "all";

export type Guesses = ReturnType<typeof createGuesses>;

/**
 * Slows down who guesses a key or password, over all servers: counted in Redis, and in this process while Redis is
 * away. `keyPrefix` is of `store/keys.ts`.
 *
 * Beyond `each` an address is refused until its time is over. Beyond `all` it has one guess in that time: guessing
 * from many addresses is slowed down, while a person who knows the password and comes from an address of their own
 * gets in at once. So nobody is locked out by what others do.
 */
export function createGuesses(redis: RedisClient, keyPrefix: string, { each, all, seconds }: GuessLimits) {
  const open = (points: number) =>
    new RateLimiterRedis({
      storeClient: redis,
      keyPrefix,
      points,
      duration: seconds,
      rejectIfRedisNotReady: true,
      // Who goes on all the same costs no more commands.
      inMemoryBlockOnConsumed: points + 1,
      insuranceLimiter: new RateLimiterMemory({ points, duration: seconds }),
    });
  const byAddress = open(each);
  const together = open(all);

  return {
    /**
     * Counts a guess, before it is known to be wrong: many at once count too.
     *
     * @throws Failure TOO_MANY_GUESSES
     */
    async count(address: string): Promise<void> {
      const own = await taken(byAddress, address);
      if (own.isOver) throw tooMany(own.msBeforeNext);
      const others = await taken(together, ALL);
      if (others.isOver && own.consumedPoints > 1) throw tooMany(own.msBeforeNext);
    },

    /** It was right: what this address guessed wrong before is forgotten. */
    async forgive(address: string): Promise<void> {
      await byAddress.delete(address);
      await together.reward(ALL, 1);
    },
  };
}

/** A limiter throws the very thing that it answers with otherwise. */
async function taken(limiter: RateLimiterRedis, key: string) {
  try {
    const { consumedPoints, msBeforeNext } = await limiter.consume(key);
    return { isOver: false, consumedPoints, msBeforeNext };
  } catch (thrown) {
    if (!(thrown instanceof RateLimiterRes)) throw thrown;
    return { isOver: true, consumedPoints: thrown.consumedPoints, msBeforeNext: thrown.msBeforeNext };
  }
}

function tooMany(msBeforeNext: number): Failure {
  const retryAfterSeconds = Math.max(1, Math.ceil(msBeforeNext / 1_000));
  return new Failure("TOO_MANY_GUESSES", `Too many wrong ones: try again in ${retryAfterSeconds} s.`, {
    details: { retryAfterSeconds },
  });
}

/** For the gate: counts a wrong key, wherever it was tried. Throws TOO_MANY_GUESSES. */
export function createCountWrongKey(redis: RedisClient, keyPrefix: string, clientOf: ClientOf) {
  const wrongKeys = createGuesses(redis, keyPrefix, KEY_GUESSES);
  return (c: Context): Promise<void> => wrongKeys.count(clientOf(c).address);
}
