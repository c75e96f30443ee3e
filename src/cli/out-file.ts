import { randomUUID } from "node:crypto";
import { access, constants, open, readlink, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { InvalidArgumentError } from "commander";
import { codeOf, fileTrouble } from "./wechat-desk.ts";

type Parts = AsyncIterable<string | Uint8Array> | readonly Uint8Array[];

/** Where a name stands for something that is open: what it leads to can't be put in place of it. */
const OPEN_ONES = /^\/(dev|proc)\//;

/** Opened by its name, where it is a file, it would be written over from its start. */
const STDOUT = new Set(["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]);

/** Whether a file's name is one of those that the standard output has. */
export function isStdout(path: string): boolean {
  return STDOUT.has(path);
}

/** Reads an option that names a file; the words given say what was expected. */
export function pathIn(expected: string) {
  return (text: string): string => {
    if (text === "") throw new InvalidArgumentError(expected);
    return text;
  };
}

/**
 * Writes a file that only its owner may read, whole or not at all: what was there before stands until then. A link
 * stays, and where it leads is written; what is no file, a pipe or a terminal, gets what comes as it comes.
 *
 * @throws Failure NOT_FOUND where there is no such folder, BAD_REQUEST when it can't be written or the signal
 *   has ended it, and whatever `parts` throws
 */
export async function writeOut(path: string, parts: Parts, signal?: AbortSignal): Promise<void> {
  let ofParts: unknown;
  // What breaks while it is written is thrown into a generator too, and is no fault of the parts.
  async function* watched() {
    const all = follow(parts);
    const next = () =>
      all.next().catch((error: unknown) => {
        ofParts = error;
        throw error;
      });
    try {
      for (let part = await next(); !part.done; part = await next()) yield part.value;
    } finally {
      await all.return(undefined);
    }
  }
  try {
    const place = await placeOf(path);
    await (place === undefined ? pour(path, "w", watched(), signal) : replace(place, watched(), signal));
  } catch (cause) {
    if (ofParts !== undefined) throw ofParts;
    // Whoever reads the pipe has had enough.
    if (codeOf(cause) === "EPIPE") return;
    throw fileTrouble(path, cause);
  }
}

/**
 * Finds out what `writeOut` would stumble over, for what is dear to make; nothing is left behind.
 *
 * @throws Failure as `writeOut` does
 */
export async function checkOut(path: string): Promise<void> {
  try {
    const place = await placeOf(path);
    if (place !== undefined) {
      const beside = besideOf(place);
      await pour(beside, "wx", []);
      return await rm(beside);
    }
    if ((await stat(path)).isDirectory()) throw Object.assign(new Error("a folder"), { code: "EISDIR" });
    await access(path, constants.W_OK);
  } catch (cause) {
    throw fileTrouble(path, cause);
  }
}

async function* follow(parts: Parts): AsyncGenerator<string | Uint8Array> {
  yield* parts;
}

/** Where a plain file is or would be; undefined of what is none. */
async function placeOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  return found && !found.isFile() ? undefined : endOf(resolve(path));
}

/** Link by link, for the last one may lead to what is still to come. */
async function endOf(path: string): Promise<string | undefined> {
  if (OPEN_ONES.test(path)) return undefined;
  const next = await readlink(path).catch(() => undefined);
  return next === undefined ? path : endOf(resolve(await realpath(dirname(path)), next));
}

function besideOf(place: string): string {
  return join(dirname(place), `.${randomUUID()}.part`);
}

async function replace(place: string, parts: Parts, signal?: AbortSignal) {
  const beside = besideOf(place);
  try {
    await pour(beside, "wx", parts, signal);
    await rename(beside, place);
  } catch (cause) {
    await rm(beside, { force: true });
    throw cause;
  }
}

async function pour(path: string, flags: "w" | "wx", parts: Parts, signal?: AbortSignal): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    await pipeline(Readable.from(parts), file.createWriteStream(), { ...(signal && { signal }) });
  } finally {
    await file.close();
  }
}
