import { hostname, userInfo } from "node:os";
import type { Signature } from "../campaign/audit.ts";

/** The person at the terminal, by the name that the system has for them: `ops@host`. */
export function personAtTerminal(why?: string): Signature {
  return { who: `${systemName()}@${hostname()}`, why };
}

function systemName(): string {
  try {
    return userInfo().username;
  } catch {
    // In a container the user may be a number only.
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}
