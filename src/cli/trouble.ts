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

/** Of what was given so much is repeated. */
const REPEATED = 80;

/** Commander speaks English only: in another language its sentence is put anew around what it quotes. */
function tellUsage({ code, message }: CommanderError, { usage, usageMore }: Words): string {
  const sentence = shortened(message.replace(/^error: /, "").replace(/\n/g, " "));
  const said = usage[code];
  if (said === undefined) return sentence;
  const quoted = [...sentence.matchAll(/'([^']*)'/g)].map(([, text]) => text);
  const [, most, given] = /Expected (\d+) arguments? but got (\d+)/.exec(sentence) ?? [];
  const [, meant] = /\(Did you mean (.+)\?\)$/.exec(sentence) ?? [];
  const [, expected] = /' is invalid\. (.+)$/.exec(sentence) ?? [];
  return [
    [said, ...quoted].join(" "),
    ...(expected === undefined ? [] : [usageMore.expected(expected)]),
    ...(most && given ? [usageMore.count(most, given)] : []),
    ...(meant === undefined ? [] : [usageMore.meant(meant)]),
  ].join("");
}

function shortened(sentence: string): string {
  return sentence.replace(/'(.+)'/, (all, quoted: string) =>
    quoted.length > REPEATED ? `'${quoted.slice(0, REPEATED)}…'` : all,
  );
}
