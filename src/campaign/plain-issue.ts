import type { z } from "zod";

/** What is expected, by zod's word for it. */
const KINDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "an object",
  record: "an object",
  array: "a list",
};

/**
 * Says what is wrong where a schema itself does not, in the voice of those that do: the `error` of a `safeParse`
 * whose issues people read. Repeats no value of the data.
 */
export const plainly: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === "invalid_type") {
    if (issue.input === undefined) return "is missing";
    const kind = KINDS[issue.expected];
    return kind && `expected ${kind}`;
  }
  if (issue.code === "invalid_value") return oneOf(issue.values);
  if (issue.code === "invalid_union" && Array.isArray(issue.options)) return oneOf(issue.options);
  if (issue.code === "too_small")
    return issue.origin === "string" && issue.minimum === 1
      ? "expected some text"
      : `expected ${bound("at least", issue.minimum, issue.origin)}`;
  if (issue.code === "too_big") return `expected ${bound("at most", issue.maximum, issue.origin)}`;
  return undefined;
};

function oneOf(values: readonly unknown[]): string {
  const named = values.map(String).join(", ");
  return values.length === 1 ? `expected ${named}` : `expected one of ${named}`;
}

function bound(than: string, limit: number | bigint, origin: string): string {
  if (origin === "string") return `${than} ${limit} characters`;
  return origin === "array" ? `a list of ${than} ${limit}` : `${than} ${limit}`;
}
