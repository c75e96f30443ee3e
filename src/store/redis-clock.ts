import type { Clock } from "../clock.ts";
import type { Logger } from "../log.ts";
import type { RedisClient } from "./script.ts";

/** Processes and Redis must tell the same time to within this: days, months and leases hang on it. */
export const MAX_SKEW_MS = 2_000;

const LOOK_EVERY_MS = 60_000;

export type Skew = {
  /** How far this process is ahead of Redis, in milliseconds; negative when behind. */
  readonly skewMs: number;
  /** Beyond {@link MAX_SKEW_MS}, whatever the network's part in it. */
  readonly isOff: boolean;
};

/** Compares a clock with that of Redis; half the round trip is the network's and taken off. */
export function createSkewMeter(redis: Pick<RedisClient, "time">, clock: Clock) {
  return async (): Promise<Skew> => {
    const askedAt = clock.now();
    const [seconds, microseconds] = await redis.time();
    const halfMs = (clock.now() - askedAt) / 2;
    const skewMs = askedAt + halfMs - (Number(seconds) * 1_000 + Number(microseconds) / 1_000);
    return { skewMs: Math.round(skewMs), isOff: Math.abs(skewMs) - halfMs > MAX_SKEW_MS };
  };
}

/** Says at start and every minute, as long as it lasts, that this process is off Redis' time. */
export function openClockWatch(
  measure: () => Promise<Skew>,
  log: Pick<Logger, "warn">,
  everyMs = LOOK_EVERY_MS,
) {
  const look = async () => {
    const { skewMs, isOff } = await measure();
    if (isOff) log.warn({ skewMs }, "The clock of this process differs from that of Redis");
  };
  // A Redis that is away is told elsewhere.
  const lookUnlessAway = () => void look().catch(() => {});
  lookUnlessAway();
  const timer = setInterval(lookUnlessAway, everyMs);
  return { close: async () => clearInterval(timer) };
}
