import type { Clock } from "../clock.ts";

// WECHAT.md section 2.2: ids of sends by OpenID were seen from 2^31 + 10^9 on, of messages to all also from 10^9
// on, msg_data_ids from 2^31 + 10^8.
const lowBase = 10n ** 9n;
const highBase = 2n ** 31n + 10n ** 9n;
const hugeBase = 2n ** 53n;
const dataBase = 2 ** 31 + 10 ** 8;
const epoch = Date.UTC(2024, 0, 1);

/**
 * Hands out message ids that never come again, not even after a restart: each is at least the milliseconds
 * since 2024, and above the one before. The clock must therefore be the real one, also under a test's clock.
 * Messages to all are so few that seconds do, which leaves their ids below 2^31.
 */
export function createIds(realClock: Clock, range: "high" | "huge") {
  let last = 0;
  let lastToAll = 0;
  const msgIdOf = (toAll: boolean): bigint => {
    if (range === "huge") return hugeBase + BigInt(last) * 2n + 1n;
    if (!toAll) return highBase + BigInt(last);
    lastToAll = Math.max(lastToAll + 1, Math.floor((realClock.now() - epoch) / 1000));
    return lowBase + BigInt(lastToAll);
  };
  return ({ toAll }: { toAll: boolean }): { msgId: bigint; msgDataId: number } => {
    last = Math.max(last + 1, realClock.now() - epoch);
    return { msgId: msgIdOf(toAll), msgDataId: dataBase + last };
  };
}
