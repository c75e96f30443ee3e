import { readFileSync } from "node:fs";
import type { Problem } from "./evidence.ts";

const ERROR = 50;
const OPENID_LENGTH = 28;
/** As the sandbox issues them. */
const ACCESS_TOKEN = /\b99_[A-Za-z0-9_-]{100}/;

export type LogRules = {
  readonly secrets: readonly string[];
  readonly people: ReadonlySet<string>;
  /** Whether a line that is no JSON, or of level error, is one that had to be. */
  readonly expected: (line: string) => boolean;
};

/** No OpenID and no secret in any line, and no line that tells of a bug. */
export function judgeLog(name: string, text: string, { secrets, people, expected }: LogRules): Problem[] {
  const problems: Problem[] = [];
  const tell = (says: string) => problems.push({ kind: "log", says: `${name}: ${says}` });
  for (const line of text.split("\n").filter(Boolean)) {
    const shown = line.slice(0, 600);
    if (namesSomebody(line, people)) tell(`an OpenID: ${shown}`);
    if (ACCESS_TOKEN.test(line) || secrets.some((secret) => line.includes(secret)))
      tell(`a secret: ${shown}`);
    const level = levelOf(line);
    if ((level === undefined || level >= ERROR) && !expected(line)) tell(shown);
  }
  return problems;
}

export function judgeLogFiles(files: readonly { name: string; file: string }[], rules: LogRules): Problem[] {
  return files.flatMap(({ name, file }) => judgeLog(name, readFileSync(file, "utf8"), rules));
}

/** OpenIDs of the sandbox begin with an o. */
function namesSomebody(line: string, people: ReadonlySet<string>): boolean {
  for (let at = line.indexOf("o"); at >= 0; at = line.indexOf("o", at + 1))
    if (people.has(line.slice(at, at + OPENID_LENGTH))) return true;
  return false;
}

function levelOf(line: string): number | undefined {
  try {
    const { level } = JSON.parse(line);
    return typeof level === "number" ? level : undefined;
  } catch {
    return undefined;
  }
}
