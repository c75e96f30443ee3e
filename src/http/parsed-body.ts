import type { Context } from "hono";
import type { z } from "zod";
import { issuesIn } from "../campaign/body.ts";
import { plainly } from "../campaign/plain-issue.ts";
import { Failure } from "../failure.ts";
import { readJson } from "./json-body.ts";

/**
 * The JSON body as a schema wants it.
 *
 * @throws Failure INVALID_PARAMETER that names everything that does not fit (details: `errors`) and repeats no value;
 *   what `readJson` throws
 */
export async function readBodyAs<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
): Promise<z.output<Schema>> {
  const parsed = schema.safeParse(await readJson(c.req.raw), { error: plainly });
  if (parsed.success) return parsed.data;
  throw new Failure("INVALID_PARAMETER", "The body has fields that do not fit.", {
    details: { errors: parsed.error.issues.flatMap(issuesIn) },
  });
}
