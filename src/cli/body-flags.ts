import { Failure } from "../failure.ts";
import type { BodyOptions } from "./campaign-body.ts";

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

type Problem = { readonly path: string; readonly message: string };

/** Which options a body was made of, and whether of a file too. */
export type Given = { readonly options: BodyOptions; readonly hasFile: boolean };

/**
 * Does what may refuse a campaign's body, and tells what is wrong by the options that say it, where they do.
 *
 * @throws what the deed throws, BAD_CAMPAIGN in such words
 */
export async function inFlags<Value>(
  given: Given,
  moment: string,
  deed: () => Promise<Value>,
): Promise<Value> {
  try {
    return await deed();
  } catch (error) {
    if (!(error instanceof Failure && error.code === "BAD_CAMPAIGN")) throw error;
    const problems = error.details.errors as readonly Problem[] | undefined;
    if (!problems) throw error;
    const lines = problems.map(({ path, message }) => {
      const flag = flagOf(path, given);
      // An option needs no offset, which the body does.
      const isMoment = flag !== undefined && message.startsWith("expected a moment with");
      return `${flag ?? path}: ${isMoment ? moment : message}`;
    });
    const more = / and \d+ more$/.exec(error.message)?.[0];
    const told = [...new Set(lines), ...(more ? [more.trim()] : [])].join("; ");
    throw new Failure("BAD_CAMPAIGN", told, { cause: error, details: error.details });
  }
}

function flagOf(path: string, { options, hasFile }: Given): string | undefined {
  const found = FLAGS.find(
    ([name, place]) => options[name] !== undefined && `${path}.`.startsWith(`${place}.`),
  );
  return found?.[2] ?? (hasFile ? undefined : NEEDED.get(path));
}
