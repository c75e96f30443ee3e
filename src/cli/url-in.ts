import { InvalidArgumentError } from "commander";
import { type Language, wordsIn } from "./words.ts";

/** Reads an option that is the address of a server. */
export function urlIn(language: Language) {
  return (text: string): string => {
    if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
    throw new InvalidArgumentError(wordsIn[language].wrongUrl);
  };
}
