/** The one source of time: every part that needs it gets a clock, so that tests can move it. */
export type Clock = {
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
};

export const systemClock: Clock = { now: Date.now };
