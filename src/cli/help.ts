import { type Argument, type Command, Help, type HelpConfiguration, Option } from "commander";

/** Characters of two columns: Han, its punctuation, and the full-width forms. */
const WIDE = /[\p{Script=Han}\u3000-\u303f\uff01-\uff60]/gu;

/** What is kept together: a word, or a single wide character, each with the punctuation behind it. */
const CHUNK = /\s*(?:[\p{Script=Han}\uff08][\u3000-\u303f\uff01-\uff60]*|[^\s\p{Script=Han}]+)/gu;

/** How many columns a text takes on a terminal. */
export function columnsOf(text: string): number {
  return text.length + (text.match(WIDE)?.length ?? 0);
}

/** Commander measures characters and breaks at spaces only, and Chinese is wider and has none. */
export const wideHelp: HelpConfiguration = {
  // The help's own option stays the last.
  visibleOptions: (command) => {
    const own = new Help().visibleOptions(command);
    return [...own.slice(0, -1), ...outputOption(command), ...own.slice(-1)];
  },
  // Of the program's own the example says how help is had.
  visibleCommands: (command) =>
    new Help().visibleCommands(command).filter((one) => command.parent || one.name() !== "help"),
  subcommandTerm: (command) => [command.name(), ...command.registeredArguments.map(termOf)].join(" "),
  displayWidth: columnsOf,
  // Its lines are counted: what a command does stands right below how it is called.
  formatHelp: (command, helper) => new Help().formatHelp(command, helper).replace("\n\n", "\n"),
  boxWrap: (text, width) =>
    text
      .split("\n")
      .flatMap((line) => wrap(line, width))
      .join("\n"),
};

/** An option that the description of another one tells of, so that a help fits a screen. */
export function besides(flags: string): Option {
  return new Option(flags).hideHelp();
}

/** Of the program's own options the one that every command heeds. */
function outputOption({ parent }: Command): Option[] {
  if (!parent) return [];
  return parent.parent ? outputOption(parent) : parent.options.filter(({ long }) => long === "--output");
}

function termOf(argument: Argument): string {
  return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
}

function wrap(line: string, width: number): string[] {
  const lines: string[] = [];
  let current = "";
  for (const [chunk] of line.matchAll(CHUNK)) {
    if (current === "" || columnsOf(current + chunk) <= width) current += chunk;
    else {
      lines.push(current);
      current = chunk.trimStart();
    }
  }
  return [...lines, current];
}
