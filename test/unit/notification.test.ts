import { describe, expect, test } from "vitest";
import { messageId, NOTIFY_MS, nextAttemptAt, retryAfterMs } from "../../src/campaign/notification.ts";

const second = 1_000;
const hour = 3_600 * second;

/** How long after it was due first each attempt is made, the receiver never there. */
function attempts(random: number, wait?: number): number[] {
  const made: number[] = [];
  for (let now: number | undefined = 0; now !== undefined; ) {
    made.push(now);
    now = nextAttemptAt({ attempts: made.length, since: 0, now, random, retryAfterMs: wait });
  }
  return made;
}

describe("a message that nobody takes", () => {
  test("is tried as Standard Webhooks recommends, and once more as the day ends", () => {
    const waits = [5, 5 * 60, 30 * 60, 2 * 3_600, 5 * 3_600, 10 * 3_600].map((seconds) => seconds * second);
    let sum = 0;
    const expected = [0, ...waits.map((wait) => (sum += wait)), NOTIFY_MS];
    expect(attempts(0)).toEqual(expected);
  });

  test("is tried a little later than that, drawn by lot, and never after the day", () => {
    const [plain, late] = [attempts(0), attempts(0.999)];
    expect(late).toHaveLength(plain.length);
    for (const [at, moment] of late.entries()) {
      expect(moment).toBeGreaterThanOrEqual(plain[at] ?? 0);
      expect(moment).toBeLessThanOrEqual(Math.min((plain[at] ?? 0) * 1.1 + at, NOTIFY_MS));
    }
  });

  test("is tried when its receiver asks for that, no oftener than every 5 s, and at the day's end at last", () => {
    expect(attempts(0, hour)).toEqual(Array.from({ length: 25 }, (_, at) => at * hour));
    expect(attempts(0, 0)[1]).toBe(5 * second);
    expect(attempts(0, 100 * hour)).toEqual([0, NOTIFY_MS]);
  });

  test("is tried at least once, however late", () => {
    expect(nextAttemptAt({ attempts: 1, since: 0, now: 3 * NOTIFY_MS, random: 0 })).toBeUndefined();
  });
});

test.each([
  [undefined, undefined],
  ["120", 120 * second],
  ["Thu, 01 Jan 2026 00:00:30 GMT", 30 * second],
  ["Thu, 01 Jan 2025 00:00:30 GMT", 0],
  ["soon", undefined],
  ["-1", undefined],
])("a Retry-After of %s is %s ms", (header, ms) => {
  expect(retryAfterMs(header, Date.UTC(2026, 0, 1))).toBe(ms);
});

test("a message has one id, another for each revision, account and later life of a campaign's id", () => {
  const told = { account: "acme", id: "offer", createdAt: 1 };
  const ids = [
    messageId(told, 1),
    messageId(told, 2),
    messageId({ ...told, account: "shop" }, 1),
    messageId({ ...told, createdAt: 2 }, 1),
  ];
  expect(new Set(ids).size).toBe(ids.length);
  expect(messageId({ ...told }, 1)).toBe(ids[0]);
  // A full stop parts id, time and body in what is signed.
  for (const id of ids) expect(id).toMatch(/^msg_[0-9a-f]{32}$/);
});
