import type { Terminal } from "./terminal.ts";

const NAME = "Interruption";

/**
 * Does what has something to put away when Ctrl-C ends it: the signal is aborted in its place. A second Ctrl-C ends
 * the process where it stands.
 *
 * @throws an error that `isInterruption` knows, in place of whatever the deed failed of once it was interrupted
 */
export async function heedInterrupt<Value>(
  { onInterrupt }: Pick<Terminal, "onInterrupt">,
  deed: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const stopping = new AbortController();
  const ignore = onInterrupt(() => {
    ignore();
    stopping.abort();
  });
  try {
    return await deed(stopping.signal);
  } catch (error) {
    throw stopping.signal.aborted ? Object.assign(new Error("Ctrl-C"), { name: NAME }) : error;
  } finally {
    ignore();
  }
}

export function isInterruption(error: unknown): boolean {
  return error instanceof Error && error.name === NAME;
}
