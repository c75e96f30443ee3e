import { CommanderError } from "commander";
import { Failure } from "../failure.ts";
import { isRedisAway } from "../store/redis-away.ts";
import type { Words } from "./words.ts";

/** What a command that did not work failed of, whatever was thrown. */
export function failureOf(error: unknown, words: Words): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof CommanderError) return new Failure("BAD_REQUEST", tellUsage(error, words));
  if (isRedisAway(error)) return new Failure("REDIS_AWAY", error instanceof Error ? error.message : "");
  // Never the error itself: a Redis error carries its command with all arguments, and so OpenIDs.
  return new Failure("INTERNAL", error instanceof Error ? (error.stack ?? error.message) : typeof error);
}

/** Commander speaks English only: in another language its sentence is put anew around what it quotes. */
function tellUsage({ code, message }: CommanderError, { usage }: Words): string {
  const sentence = message.replace(/^error: /, "").replace(/\n/g, " ");
  const said = usage[code];
  if (said === undefined) return sentence;
  const quoted = [...sentence.matchAll(/'([^']*)'/g)].map(([, text]) => text);
  return [said, ...quoted].join(" ");
}
