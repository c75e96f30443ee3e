import { z } from "zod";

/** What a person, or qunfa on its own, did to a campaign or an account. */
export const Act = z.enum([
  "pause",
  "resume",
  "cancel",
  "recall",
  "review",
  "send-again",
  "book",
  "clear-quota",
]);
export type Act = z.infer<typeof Act>;

export const WHY_LIMIT = 500;

/** What somebody may say about why they do something. */
export const Why = z
  .string("expected text")
  .trim()
  .max(WHY_LIMIT, `expected at most ${WHY_LIMIT} characters`)
  .transform((text) => text || undefined);

/** Who does something, and why. */
export type Signature = { readonly who: string; readonly why?: string | undefined };

/** What qunfa does by itself is signed so. */
export const QUNFA = "qunfa";

/** One line of an account's audit log. `campaign` is missing where the whole account was meant. */
export const AuditEntry = z.object({
  /** Milliseconds since the epoch. */
  at: z.number(),
  act: Act,
  account: z.string(),
  campaign: z.string().optional(),
  batch: z.number().int().positive().optional(),
  who: z.string(),
  why: z.string().optional(),
  /** What belongs to the act: a verdict, a msg_id, the id of the new campaign. */
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

/** An entry as people see it, over HTTP or by the command. */
export function viewAudit({ at, act, account, campaign, batch, who, why, details }: AuditEntry) {
  return {
    at: new Date(at).toISOString(),
    act,
    account,
    campaign: campaign ?? null,
    batch: batch ?? null,
    who,
    why: why ?? null,
    details: details ?? {},
  };
}
