import { Command } from "commander";
import { wholeNumber } from "../whole-number.ts";

/** So many seconds of storm have one kill of Redis, when nothing else is said; a short one has none. */
const SECONDS_A_REDIS_KILL = 20;

export type ChaosOptions = ReturnType<typeof readOptions>;

export function readOptions(argv: readonly string[]) {
  const given = new Command()
    .name("npm run chaos --")
    .description(
      "Batches go out through a faulty WeChat while everything is killed: is nobody lost, or sent to twice?",
    )
    .option("--seconds <number>", "how long the storm lasts", wholeNumber(1), 60)
    .option("--seed <number>", "draws all that happens", wholeNumber(0), 1)
    .option("--batches <number>", "so many go out at least", wholeNumber(1), 100)
    .option("--redis-kills <number>", "one in 20 seconds when left out", wholeNumber(0))
    .option("--calm <number>", "seconds after the storm in which everything has to end", wholeNumber(1), 180)
    .option("--keep", "keep logs and data, though all went well", false)
    .parse(argv)
    .opts<{
      seconds: number;
      seed: number;
      batches: number;
      redisKills?: number;
      calm: number;
      keep: boolean;
    }>();
  return { redisKills: Math.floor(given.seconds / SECONDS_A_REDIS_KILL), ...given };
}
