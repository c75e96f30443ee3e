import { Failure, failures } from "./failure.ts";

/** How long a process that is told to stop while it starts may take to get ready, and so be closed in order. */
const STARTING_MS = 3_000;

type Running = { readonly close: () => Promise<void> };

/**
 * The life of a process: opens it, closes it on SIGTERM or SIGINT; the same signal again ends it at once.
 * Expected trouble at start is one message on stderr and the exit code of the failure table.
 */
export async function runProcess(open: () => Promise<Running>): Promise<void> {
  const seen = new Set<NodeJS.Signals>();
  let running: Promise<Running> | undefined;
  const stop = (signal: NodeJS.Signals) => {
    if (seen.has(signal)) process.exit(1);
    const first = seen.size === 0;
    seen.add(signal);
    if (first) close(running).then(() => process.exit(0), fail);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  try {
    running = open();
    await running;
  } catch (error) {
    fail(error);
  }
}

/** One that is still opening is closed as soon as it is open. One that can't, Redis being away, holds nothing. */
async function close(running: Promise<Running> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, STARTING_MS, undefined);
  });
  const opened = await Promise.race([running, late]);
  clearTimeout(timer);
  await opened?.close();
}

function fail(error: unknown): never {
  if (error instanceof Failure) {
    process.stderr.write(`${error.code}: ${error.message}\n`);
    process.exit(failures[error.code].exit);
  }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(70);
}
