import { z } from "zod";

/** A follower's id within one account: 20 to 64 characters of `[A-Za-z0-9_-]`, 28 is usual (CONTRACT section 4). */
export const OpenId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{20,64}$/, "an OpenID: 20 to 64 characters of A-Z a-z 0-9 _ -")
  .brand<"OpenId">();
export type OpenId = z.infer<typeof OpenId>;

const shape = /^[A-Za-z0-9_-]{20,64}$/;

/** The OpenID in one entry of a list, spaces around it trimmed; undefined when it can't be one. */
export function openIdIn(entry: unknown): OpenId | undefined {
  if (typeof entry !== "string") return undefined;
  const trimmed = entry.trim();
  return shape.test(trimmed) ? (trimmed as OpenId) : undefined;
}
