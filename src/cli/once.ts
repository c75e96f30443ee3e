import type { Command } from "commander";
import { Failure } from "../failure.ts";
import type { Words } from "./words.ts";

/**
 * Has every option that takes a value refused where it is given twice: commander would keep the last of them alone.
 * For a program that has all its commands; what it parses throws Failure BAD_REQUEST.
 */
export function refuseTwice(command: Command, words: Pick<Words, "twice">): void {
  for (const option of command.options) {
    if (option.isBoolean()) continue;
    let isGiven = false;
    command.on(`option:${option.name()}`, () => {
      if (isGiven) throw new Failure("BAD_REQUEST", words.twice(option.long ?? option.flags));
      isGiven = true;
    });
  }
  for (const below of command.commands) refuseTwice(below, words);
}
