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
 * The same where the body may be left out.
 *
 * @throws what `readBodyAs` throws of a body
 */
export async function readSignature(c: Context): Promise<Signature> {
  // A request that says neither has no body (RFC 9112 section 6.3).
  const length = c.req.header("content-length") ?? "0";
  const isEmpty = length === "0" && c.req.header("transfer-encoding") === undefined;
  return signedBy(c, isEmpty ? undefined : (await readBodyAs(c, ReasonBody)).reason);
}
