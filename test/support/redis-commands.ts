import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { basename } from "node:path";
import type { Redis } from "ioredis";
import { readScript } from "../../src/store/script.ts";
import { filesIn } from "./files.ts";

/** One command as a client sends it. A script goes by its name, BullMQ's as `bullmq:<name>`. */
export type Command = { readonly name: string; readonly args: readonly string[]; readonly bytes: Buffer };

/** Longer arguments are lists and texts: nothing that a command is known by. */
const SHORT = 300;
const CRLF = "\r\n";

const scripts = new Map<string, { name: string; source: string }>();
const remember = (name: string, source: string) =>
  scripts.set(createHash("sha1").update(source).digest("hex"), { name, source });
for (const file of filesIn("src/store/lua", ".lua").filter((file) => !file.includes("/lib/"))) {
  const name = basename(file, ".lua");
  remember(name, readScript(name));
}
const bullmqScripts: unknown = createRequire(import.meta.url)("bullmq/dist/cjs/scripts/index.js");
for (const script of Object.values(bullmqScripts as object))
  if (isBullmqScript(script)) remember(`bullmq:${script.name}`, script.content);

function isBullmqScript(value: unknown): value is { name: string; content: string } {
  return typeof value === "object" && value !== null && "content" in value;
}

/** The names by which commands of ours and of BullMQ's can be told. */
export const scriptNames = [...scripts.values()].map(({ name }) => name);

/** Every script is known to Redis from here on: no call of one is answered that it must be sent whole. */
export async function loadScripts(redis: Redis): Promise<void> {
  for (const { source } of scripts.values()) await redis.script("LOAD", source);
}

/** Cuts the bytes of a client, as they come, into whole commands (RESP arrays of bulk strings). */
export function createCommandReader(): (chunk: Buffer) => Command[] {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const commands: Command[] = [];
    for (;;) {
      const command = readCommand(rest);
      if (!command) return commands;
      commands.push(command);
      rest = rest.subarray(command.bytes.length);
    }
  };
}

/** The first command of these bytes; undefined when it is not whole yet. */
function readCommand(bytes: Buffer): Command | undefined {
  const head = readNumber(bytes, 0, "*");
  if (!head) return undefined;
  const args: string[] = [];
  let at = head.next;
  for (let index = 0; index < head.value; index++) {
    const length = readNumber(bytes, at, "$");
    if (!length) return undefined;
    const end = length.next + length.value;
    if (bytes.length < end + CRLF.length) return undefined;
    const isScript = index === 1 && args[0]?.toUpperCase() === "EVAL";
    const isShort = length.value <= SHORT || isScript;
    args.push(isShort ? bytes.toString("utf8", length.next, end) : "");
    at = end + CRLF.length;
  }
  return { ...nameOf(args), bytes: bytes.subarray(0, at) };
}

function readNumber(bytes: Buffer, at: number, mark: "*" | "$") {
  const end = bytes.indexOf(CRLF, at);
  if (end < 0) return undefined;
  if (bytes.toString("latin1", at, at + 1) !== mark) throw new Error(`RESP: expected ${mark}`);
  return { value: Number(bytes.toString("latin1", at + 1, end)), next: end + CRLF.length };
}

function nameOf([command = "", script = "", ...rest]: readonly string[]): Pick<Command, "name" | "args"> {
  const verb = command.toUpperCase();
  const digest = verb === "EVAL" ? createHash("sha1").update(script).digest("hex") : script;
  const known = verb === "EVALSHA" || verb === "EVAL" ? scripts.get(digest) : undefined;
  return known ? { name: known.name, args: rest } : { name: verb, args: [script, ...rest] };
}
