import { Failure, failures } from "./failure.ts";

type Running = { readonly close: () => Promise<void> };

/**
 * The life of a process: opens it, closes it on SIGTERM or SIGINT, a second signal ends it at once.
 * Expected trouble at start is one message on stderr and the exit code of the failure table.
 */
export async function runProcess(open: () => Promise<Running>): Promise<void> {
  let running: Promise<Running> | undefined;
  let signals = 0;
  const stop = () => {
    signals += 1;
    if (signals > 1) process.exit(1);
    void (running ?? Promise.resolve(undefined))
      .then((opened) => opened?.close())
      .then(
        () => process.exit(0),
        (error: unknown) => fail(error),
      );
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

function fail(error: unknown): never {
  if (error instanceof Failure) {
    process.stderr.write(`${error.code}: ${error.message}\n`);
    process.exit(failures[error.code].exit);
  }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(70);
}
