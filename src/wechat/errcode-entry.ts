/**
 * What an errcode asks of qunfa:
 *
 * - `ok` nothing · `token` a fresh token, then again · `already` this clientmsgid was taken before
 * - `doubt` WeChat was busy: whether the call had an effect is not known
 * - not now: until the `day`, the `month` or the `minute` is over; `admin` until an administrator has
 *   confirmed; `account` until an operator has put the account right; `content` until a person has put
 *   this one campaign right
 * - refused for good, because of the `recipients`, of the `message` or its media, or else `refused`
 * - `unlisted` WECHAT.md section 4 does not know it
 */
export type Action =
  | "ok"
  | "token"
  | "already"
  | "doubt"
  | "day"
  | "month"
  | "minute"
  | "admin"
  | "account"
  | "content"
  | "recipients"
  | "message"
  | "refused"
  | "unlisted";

const waits = ["day", "month", "minute", "admin", "account", "content"] as const satisfies readonly Action[];

/** What WeChat did not do now, and may do once this is over. */
export type Wait = (typeof waits)[number];

export function isWait(action: Action): action is Wait {
  return (waits as readonly Action[]).includes(action);
}

/** `remedy` says what a person must do: always there for `account`, `content` and `admin`. */
export type Errcode = { readonly action: Action; readonly meaning: string; readonly remedy?: string };

export type ErrcodeTable = Readonly<Record<number, Errcode>>;

/** Codes that ask for the same thing: code → meaning. */
export function codes(action: Action, meanings: Readonly<Record<number, string>>): ErrcodeTable {
  return tableOf(meanings, (meaning) => ({ action, meaning }));
}

/** Codes that wait for a person: code → meaning and remedy. */
export function personCodes(
  action: "account" | "content" | "admin",
  lines: Readonly<Record<number, readonly [meaning: string, remedy: string]>>,
): ErrcodeTable {
  return tableOf(lines, ([meaning, remedy]) => ({ action, meaning, remedy }));
}

function tableOf<Line>(lines: Readonly<Record<number, Line>>, entry: (line: Line) => Errcode): ErrcodeTable {
  return Object.fromEntries(Object.entries(lines).map(([code, line]) => [code, entry(line)]));
}
