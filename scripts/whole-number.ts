import { InvalidArgumentError } from "commander";

/** Reads an option's number: whole, and not below `least`. */
export const wholeNumber =
  (least: number) =>
  (text: string): number => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < least)
      throw new InvalidArgumentError(`expected a whole number of ${least} or more`);
    return number;
  };
