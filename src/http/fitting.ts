import type { z } from "zod";
import { issuesIn } from "../campaign/body.ts";
import { plainly } from "../campaign/plain-issue.ts";
import { Failure } from "../failure.ts";

/**
 * A body as its schema wants it.
 *
 * @throws Failure INVALID_PARAMETER that names each wrong field (details: `errors`) and repeats no value, so that
 *   no OpenID gets into an error
 */
export function fitting<Schema extends z.ZodType>(schema: Schema, data: unknown): z.output<Schema> {
  const parsed = schema.safeParse(data, { error: plainly });
  if (parsed.success) return parsed.data;
  throw new Failure("INVALID_PARAMETER", "The body has fields that do not fit.", {
    details: { errors: parsed.error.issues.flatMap(issuesIn).slice(0, 20) },
  });
}
