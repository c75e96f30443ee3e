/**
 * A caller is told before WeChat, which waits 5 s, hangs up. The command may have reached Redis, and is sent
 * once more when the connection is made anew: whatever is written can be written twice.
 */
const ANSWER_MS = 3_000;

/**
 * A connection on which an answer is due and nothing comes for so long is given up and made anew: the other
 * side may be gone without a word. One on which nothing is due is left alone.
 *
 * Workers get more, for Redis itself holds answers back: BullMQ's BZPOPMIN up to 10 s on a connection that is
 * made with the same options, WAITAOF up to 5 s. So they have no limit for a single command either.
 */
const SILENCE_MS = { patient: 15_000, hasty: 5_000 } as const;

/** How a connection meets a Redis that does not answer; ioredis' own names. */
export type Patience = ReturnType<typeof patienceOf>;

/** @param patient whether commands wait for as long as Redis is away. */
export function patienceOf(patient: boolean) {
  return patient
    ? { maxRetriesPerRequest: null, socketTimeout: SILENCE_MS.patient }
    : { maxRetriesPerRequest: 1, socketTimeout: SILENCE_MS.hasty, commandTimeout: ANSWER_MS };
}

const EAGER_MS = 500;
const EAGER_TRIES = 24;
const LATER_MS = 2_000;

/**
 * How long to wait before the next try of a connection that could not be made. Twice a second for longer
 * than a process waits at its start, then less often: each try that fails is a line in the log.
 */
export function retryAfterMs(tries: number): number {
  if (tries > EAGER_TRIES) return LATER_MS;
  return Math.min(50 * 2 ** (tries - 1), EAGER_MS);
}
