import { byFlags } from "./by-flags.ts";

/** What `campaign send` and `campaign plan` take beside, or in place of, a file. */
export type BodyOptions = {
  account?: string;
  name?: string;
  text?: string;
  audience?: string;
  list?: string;
  tag?: number;
  all?: true;
  at?: string;
  window?: string;
  deadline?: string;
  hold?: true;
  overCap?: string;
  notifyUrl?: string;
};

/** What stands where in a campaign's body, by the option that says it. */
const FLAGS: readonly (readonly [keyof BodyOptions, string, string])[] = [
  ["account", "account", "--account"],
  ["name", "name", "--name"],
  ["text", "message", "--text"],
  ["audience", "audience", "--audience"],
  ["list", "audience", "--list"],
  ["tag", "audience", "--tag"],
  ["all", "audience", "--all"],
  ["at", "schedule.startAt", "--at"],
  ["window", "schedule.window", "--window"],
  ["deadline", "schedule.deadline", "--deadline"],
  ["hold", "hold", "--hold"],
  ["overCap", "overCap", "--over-cap"],
  ["notifyUrl", "notifyUrl", "--notify-url"],
];

/** What every campaign has, where no file could have said it. */
const NEEDED = new Map([
  ["account", "--account"],
  ["message", "--text"],
  ["audience", "--audience, --list, --tag or --all"],
]);

/** Which options a body was made of, and whether of a file too. */
export type Given = { readonly options: BodyOptions; readonly hasFile: boolean };

/**
 * Does what may refuse a campaign's body, and tells what is wrong by the options that say it, where they do; of times
 * in the words given, for options write them otherwise than the body does.
 */
export function inFlags<Value>(
  given: Given,
  { moment, window }: { moment: string; window: string },
  deed: () => Promise<Value>,
): Promise<Value> {
  return byFlags(deed, ({ path, message }) => {
    // A list is refused as a whole.
    const flag = flagOf(path || "audience", given);
    if (flag === undefined) return `${path}: ${message}`;
    // An option needs no offset, which the body does.
    if (message.startsWith("expected a moment with")) return `${flag}: ${moment}`;
    if (message.startsWith("expected a time of day")) return `${flag}: ${window}`;
    return `${flag}: ${given.options.at === undefined ? message : message.replace(/\bstartAt$/, "--at")}`;
  });
}

function flagOf(path: string, { options, hasFile }: Given): string | undefined {
  const found = FLAGS.find(
    ([name, place]) => options[name] !== undefined && `${path}.`.startsWith(`${place}.`),
  );
  return found?.[2] ?? (hasFile ? undefined : NEEDED.get(path));
}
