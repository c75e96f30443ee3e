import type { Context } from "hono";
import { z } from "zod";
import { type Signature, Why } from "../campaign/audit.ts";
import { callerOf } from "./caller.ts";
import { readBodyAs } from "./parsed-body.ts";

/** What a body may say of a deed that its path says in full. */
export const ReasonBody = z.strictObject({ reason: Why.optional() });

/** Signs a deed with who asks for it. */
export function signedBy(c: Context, why: string | undefined): Signature {
  return { who: callerOf(c), why };
}

/**
 * The same where the body is one of JSON with a `reason`, or anything else, which is not read.
 *
 * @throws what `readBodyAs` throws of a JSON body
 */
export async function readSignature(c: Context): Promise<Signature> {
  const isJson = /^\s*application\/json\b/i.test(c.req.header("content-type") ?? "");
  const isEmpty = c.req.header("content-length") === "0" || c.req.raw.body === null;
  if (!isJson || isEmpty) return signedBy(c, undefined);
  return signedBy(c, (await readBodyAs(c, ReasonBody)).reason);
}
