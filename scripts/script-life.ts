import { Failure, failures } from "../src/failure.ts";

/** It is told whether the script went well; Ctrl-C is no trouble. */
type End = (wentWell: boolean) => unknown;

export type ScriptLife = {
  /** Ends something that was started; last started, first ended. */
  readonly onEnd: (end: End) => void;
  /** Closes what is being opened, also when the script must end before it is open. */
  readonly owns: <Owned extends { close: () => unknown }>(opening: Promise<Owned>) => Promise<Owned>;
  readonly end: () => Promise<void>;
};

const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs a script that starts things, and ends them however it ends: by itself, by trouble, by Ctrl-C.
 * Expected trouble is one line on stderr.
 */
export async function runScript(script: (life: ScriptLife) => Promise<void>): Promise<void> {
  const ends: End[] = [];
  let wentWell = true;
  let stopping = false;

  const report = (error: unknown) => {
    // What breaks because everything is being stopped is no news.
    if (stopping) return;
    wentWell = false;
    const expected = error instanceof Failure;
    const told = expected ? `${error.code}: ${error.message}` : error instanceof Error ? error.stack : error;
    process.stderr.write(`${told}\n`);
    process.exitCode = expected ? failures[error.code].exit : failures.INTERNAL.exit;
  };
  const endAll = async () => {
    for (let one = ends.pop(); one; one = ends.pop()) await endOne(one);
  };
  // One after the other: Ctrl-C and the end of the script itself can fall together.
  let ending = Promise.resolve();
  const end = () => {
    ending = ending.then(endAll);
    return ending;
  };
  const endOne = async (one: End) => {
    try {
      await one(wentWell);
    } catch (error) {
      report(error); // and the others are ended all the same
    }
  };
  const onEnd = (one: End) => {
    ends.push(one);
    if (stopping) void end();
  };
  const owns: ScriptLife["owns"] = async (opening) => {
    onEnd(async () => (await opening.catch(() => undefined))?.close());
    const owned = await opening;
    if (stopping) throw new Failure("INTERNAL", "it is being closed already");
    return owned;
  };

  for (const [signal, code] of Object.entries(signals))
    process.once(signal, () => {
      stopping = true;
      void end().finally(() => process.exit(code));
    });
  try {
    await script({ onEnd, owns, end });
  } catch (error) {
    report(error);
  }
  await end();
  // What trouble has left half open must not hold the process.
  if (!wentWell) process.exit();
}
