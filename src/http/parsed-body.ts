import type { Context } from "hono";
import type { z } from "zod";
import { fitting } from "./fitting.ts";
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
  return fitting(schema, await readJson(c.req.raw));
}
