import { Failure, failures } from "../src/failure.ts";

export type ScriptLife = {
  /** Ends something that was started; last started, first ended. */
  readonly onEnd: (end: () => Promise<unknown>) => void;
  readonly end: () => Promise<void>;
};

/**
 * Runs a script that starts things, and ends them however it ends: by itself, by trouble, by Ctrl-C.
 * Expected trouble is one line on stderr.
 */
export async function runScript(script: (life: ScriptLife) => Promise<void>): Promise<void> {
  const ends: (() => Promise<unknown>)[] = [];
  const end = async () => {
    for (const one of ends.splice(0).reverse()) await one();
  };
  const stop = (code: number) => () => void end().finally(() => process.exit(code));
  process.once("SIGINT", stop(130));
  process.once("SIGTERM", stop(143));
  try {
    await script({ onEnd: (one) => ends.push(one), end });
  } catch (error) {
    const expected = error instanceof Failure;
    process.stderr.write(`${expected ? error.message : error instanceof Error ? error.stack : error}\n`);
    process.exitCode = expected ? failures[error.code].exit : 70;
  } finally {
    await end();
  }
}
