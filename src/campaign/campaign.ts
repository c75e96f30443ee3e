import { z } from "zod";
import { Failure } from "../failure.ts";
import { Message } from "./message.ts";

/** A campaign's id is its job's id (CONTRACT section 4). */
export const CampaignId = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,128}$/, "1 to 128 characters of A-Z a-z 0-9 . _ -")
  .refine((id) => id !== "." && id !== "..", "neither . nor ..")
  .brand<"CampaignId">();
export type CampaignId = z.infer<typeof CampaignId>;

/** A number that BullMQ gave because the producer named none; it may come again after an obliterate. */
export function isQueueNumber(id: string): boolean {
  return /^\d+$/.test(id);
}

export const INLINE_LIMIT = 100_000;

const openids = z
  .array(z.unknown(), { error: "expected a list of OpenIDs" })
  .min(1, "expected at least one OpenID")
  .max(INLINE_LIMIT, `expected at most ${INLINE_LIMIT} inline OpenIDs, upload a longer list`);

const notYet = (what: string) => z.undefined({ error: `not yet: ${what}` }).optional();

/** An audience as an OpenID list; the other kinds of CONTRACT section 4 are told apart and refused for now. */
const Audience = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("openids"), openids }),
  z.looseObject({ type: z.enum(["list", "tag", "all"]) }).refine(() => false, "not yet: only openids"),
]);

/**
 * What a producer asks for: the data of a job in the queue `campaigns`, and the body of an HTTP
 * campaign (CONTRACT section 4). Single OpenIDs are judged later, by the intake: a malformed one is
 * counted, not fatal.
 */
export const CampaignBody = z.strictObject({
  account: z.string().min(1),
  name: z.string().max(200).optional(),
  message: Message,
  audience: Audience,
  send_ignore_reprint: z.union([z.literal(0), z.literal(1)]).optional(),
  metadata: z.record(z.string(), z.string()).optional(),
  schedule: notYet("leave schedule out"),
  perUserPerMonth: notYet("leave perUserPerMonth out"),
  overCap: notYet("leave overCap out"),
  hold: notYet("leave hold out"),
  notifyUrl: notYet("leave notifyUrl out"),
});
export type CampaignBody = z.infer<typeof CampaignBody> & {
  audience: { type: "openids"; openids: readonly unknown[] };
};

const NAMED_ISSUES = 20;

/**
 * Checks a producer's data against the schema and the accounts.
 *
 * @throws Failure BAD_CAMPAIGN whose message names each wrong field and what was expected, 20 at most.
 *   No value of the data is repeated in it, so that no OpenID gets into an error.
 */
export function parseCampaign(
  data: unknown,
  accounts: ReadonlyMap<string, { readonly kind: "service" | "subscription" }>,
): CampaignBody {
  const parsed = CampaignBody.safeParse(data);
  const issues = parsed.success ? [] : parsed.error.issues.flatMap(issueLines);
  const name = accountName(data);
  if (name !== undefined) {
    const account = accounts.get(name);
    if (!account) issues.push(`account: expected one of the accounts file`);
    else if (account.kind === "subscription")
      issues.push("audience: a subscription account can't send to a list of OpenIDs (WeChat refuses it)");
  }
  if (parsed.success && issues.length === 0) return parsed.data as CampaignBody;

  const more = issues.length - NAMED_ISSUES;
  const named = issues.slice(0, NAMED_ISSUES).join("; ");
  throw new Failure("BAD_CAMPAIGN", more > 0 ? `${named}; and ${more} more` : named, {
    details: { errors: issues.slice(0, NAMED_ISSUES) },
  });
}

function accountName(data: unknown): string | undefined {
  const named = z.looseObject({ account: z.string().min(1) }).safeParse(data);
  return named.success ? named.data.account : undefined;
}

function issueLines(issue: z.core.$ZodIssue): string[] {
  const at = issue.path.map(String);
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => `${[...at, key.slice(0, 64)].join(".")}: no such field`);
  return [`${at.join(".") || "data"}: ${issue.message}`];
}
