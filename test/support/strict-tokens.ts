import { randomBytes } from "node:crypto";

/** Two forced refreshes are as far apart, or the later one changes nothing (WECHAT.md section 1.2). */
const FORCE_EVERY_MS = 30_000;
const FORCES_A_DAY = 20;

/** One account's stable token: what was given out, what still works, and what a test does to it. */
export function createStrictTokens() {
  let token = "";
  let dead = "";
  const tokens = {
    tokensGiven: [] as string[],
    /** When a forced refresh was made. */
    forcedAt: [] as number[],
    /** The next forced calls whose answer gets lost, and whether they have refreshed by then. */
    lostForces: [] as { refreshes: boolean }[],

    isValid: (given: string | null) => token !== "" && given === token && given !== dead,
    currentToken: () => token,
    /** As if somebody had forced a new one: what was given out is dead. */
    killToken: () => {
      token = "";
    },
    /** It works no more, and yet is given out to everybody who does not force another one. */
    spoilToken: () => {
      dead = token;
    },
    giveToken(force: boolean): string {
      const last = tokens.forcedAt.at(-1) ?? Number.NEGATIVE_INFINITY;
      const heeded = force && Date.now() - last >= FORCE_EVERY_MS && tokens.forcedAt.length < FORCES_A_DAY;
      if (heeded) tokens.forcedAt.push(Date.now());
      if (token === "" || heeded) {
        token = randomBytes(96).toString("base64url");
        tokens.tokensGiven.push(token);
      }
      return token;
    },
  };
  return tokens;
}
