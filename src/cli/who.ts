import { userInfo } from "node:os";

/** Who does something to a campaign or an account, and why: for the records. */
export type By = { readonly who: string; readonly why?: string | undefined };

/** The person at the terminal, by the name that the system has for them. */
export function personAtTerminal(why: string | undefined): By {
  return { who: systemName(), why };
}

function systemName(): string {
  try {
    return userInfo().username;
  } catch {
    // In a container the user may be a number only.
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}
