import { setTimeout as sleep } from "node:timers/promises";

export type UntilOptions = {
  timeoutMs?: number;
  /** What is waited for, or what is seen instead: it stands in the message when the deadline passes. */
  describe?: string | (() => unknown);
};

/**
 * Waits for a condition, asked every few milliseconds, and hands back what it became. Never a fixed
 * sleep: as quick as the thing itself, and it fails with a sentence when the thing does not come.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 25_000, describe = String(condition) }: UntilOptions = {},
): Promise<Exclude<T, false | null | undefined | 0 | "">> {
  const deadline = Date.now() + timeoutMs;
  for (let waitMs = 2; ; waitMs = Math.min(waitMs * 2, 50)) {
    const value = await condition();
    if (value) return value as Exclude<T, false | null | undefined | 0 | "">;
    if (Date.now() > deadline) {
      const what = typeof describe === "string" ? describe : JSON.stringify(await describe());
      throw new Error(`not within ${timeoutMs} ms: ${what}`);
    }
    await sleep(waitMs);
  }
}
