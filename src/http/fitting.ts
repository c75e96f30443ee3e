import type { z } from "zod";
import { checkBody } from "../campaign/check-body.ts";
import { Failure } from "../failure.ts";

/**
 * A body as its schema wants it.
 *
 * @throws Failure INVALID_PARAMETER that names each wrong field (details: `errors`) and repeats no value, so that
 *   no OpenID gets into an error
 */
export function fitting<Schema extends z.ZodType>(schema: Schema, data: unknown): z.output<Schema> {
  const checked = checkBody(schema, data);
  if (checked.success) return checked.data;
  throw new Failure("INVALID_PARAMETER", "The body has fields that do not fit.", {
    details: { errors: checked.issues.slice(0, 20) },
  });
}
