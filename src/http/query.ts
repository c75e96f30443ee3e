import type { Context } from "hono";
import { z } from "zod";
import { Failure } from "../failure.ts";

/** Of a call that has no parameters. */
export const NoQuery = z.strictObject({});

/** Of a call that does not look at its parameters. */
export const AnyQuery = z.looseObject({});

/** The parameters of a list (CONTRACT section 5). */
export const PageQuery = z.strictObject({
  cursor: z
    .string()
    .min(1, "a nextCursor")
    .max(256, "a nextCursor")
    .optional()
    .describe("The `nextCursor` of the page before."),
  limit: z
    .string()
    .regex(/^([1-9]\d?|1\d\d|200)$/, "a whole number from 1 to 200")
    .default("50")
    .transform(Number)
    .meta({
      description: "How many items at most.",
      override: asNumber({ minimum: 1, maximum: 200 }),
    }),
});

/** Documents a text of digits, which is what a query has, as the number that it stands for. */
export function asNumber(bounds: { minimum: number; maximum?: number }) {
  return ({ jsonSchema }: { jsonSchema: Record<string, unknown> }) => {
    delete jsonSchema.pattern;
    if (jsonSchema.default !== undefined) jsonSchema.default = Number(jsonSchema.default);
    Object.assign(jsonSchema, { type: "integer", ...bounds });
  };
}

/** One page of a list, with what else is said of the list as a whole. */
export function pageOf<Item extends z.ZodType, More extends z.ZodRawShape>(item: Item, more?: More) {
  const nextCursor = z.string().nullable().describe("For the next page; null on the last one.");
  return z.object({ items: z.array(item), nextCursor, ...more });
}

/**
 * The query as the schema wants it; a parameter given twice arrives as a list.
 *
 * @throws Failure INVALID_PARAMETER with `errors`, a list of `{ path, message }` that repeats no value
 */
export function readQuery<Schema extends z.ZodType>(c: Context, schema: Schema): z.infer<Schema> {
  const given = new URL(c.req.url).searchParams;
  const query = Object.fromEntries(
    [...new Set(given.keys())].map((name) => {
      const values = given.getAll(name);
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
  const parsed = schema.safeParse(query);
  if (parsed.success) return parsed.data;
  throw new Failure("INVALID_PARAMETER", "The query has parameters that do not fit.", {
    details: { errors: parsed.error.issues.flatMap(errorsOf) },
  });
}

function errorsOf(issue: z.core.$ZodIssue): { path: string; message: string }[] {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({ path: key.slice(0, 64), message: "no such parameter" }));
  return [{ path: issue.path.join("."), message: issue.message }];
}
