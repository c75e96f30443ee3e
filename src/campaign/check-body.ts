import type { z } from "zod";
import { plainly } from "./plain-issue.ts";

/** What is wrong at one place of a body. Repeats no value of it, so that no OpenID gets into an error. */
export type Issue = { readonly path: string; readonly message: string };

/** A body as its schema wants it, or all that is wrong with it. */
export type Checked<Value> =
  | { readonly success: true; readonly data: Value }
  | { readonly success: false; readonly issues: readonly Issue[] };

/** Tells whether what a stranger has written, JSON by now, fits a schema and is text throughout. */
export function checkBody<Schema extends z.ZodType>(
  schema: Schema,
  data: unknown,
): Checked<z.output<Schema>> {
  const parsed = schema.safeParse(data, { error: plainly });
  const unfit = (parsed.error?.issues ?? []).flatMap(issuesIn);
  const told = new Set(unfit.map(({ path }) => path));
  const issues = [...unfit, ...[...textIssues(data)].filter(({ path }) => !told.has(path))];
  return parsed.success && issues.length === 0
    ? { success: true, data: parsed.data }
    : { success: false, issues };
}

/** One issue for each unknown field. */
export function issuesIn(issue: z.core.$ZodIssue): Issue[] {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({
      path: pathOf([...issue.path, key]),
      message: "there is no such field",
    }));
  return [{ path: pathOf(issue.path) || "data", message: issue.message }];
}

/** No body of ours is as deep. */
const LEVELS = 32;

/**
 * JSON can write what is no text: half of a surrogate pair. No UTF-8 carries it, and the JSON of Redis' scripts refuses
 * it. Nor can every reader keep a field called `__proto__`. Single OpenIDs are judged later, and may be anything.
 */
function* textIssues(value: unknown, path: readonly string[] = []): Generator<Issue> {
  if (typeof value === "string") {
    if (!value.isWellFormed())
      yield { path: pathOf(path) || "data", message: "expected text without half of a surrogate pair" };
  } else if (typeof value === "object" && value !== null && path.length < LEVELS) {
    if (path.at(-1) === "openids") return;
    for (const [name, inner] of Object.entries(value)) {
      const below = [...path, name];
      if (name === "__proto__" || !name.isWellFormed())
        yield { path: pathOf(below), message: "expected another name" };
      yield* textIssues(inner, below);
    }
  }
}

/** Names can be the producer's: they are cut short, and what might be an OpenID is left out. */
function pathOf(path: readonly PropertyKey[]): string {
  const named = path.map((step) => {
    const name = String(step).toWellFormed();
    return (/^[a-z_]+$/.test(name) ? name : name.replace(/[A-Za-z0-9_-]{20,}/g, "…")).slice(0, 64);
  });
  return named.join(".");
}
