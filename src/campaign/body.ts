import { z } from "zod";
import { Failure } from "../failure.ts";
import { checkBody, type Issue } from "./check-body.ts";
import { AnyMessage, bringsContent } from "./content.ts";
import { ListId } from "./list.ts";
import { type NotifyFault, NotifyUrl } from "./notification.ts";
import { Schedule } from "./schedule.ts";
import { nativeSegment, Segment } from "./segment.ts";

export const INLINE_LIMIT = 100_000;

/** Single OpenIDs are judged later: a malformed one is counted. `longer` tells what to do with a longer list. */
export function inlineOpenIds(longer: string) {
  return z
    .array(z.unknown().describe("An OpenID. What can't be one is counted as invalid."), {
      error: "expected a list of OpenIDs",
    })
    .min(1, "expected at least one OpenID")
    .max(INLINE_LIMIT, `expected at most ${INLINE_LIMIT} ${longer}`);
}

/** A stored list that an audience names. */
export const ListAudience = z.strictObject({ type: z.literal("list"), audienceId: ListId });

/** What is said of a campaign that names a list which it can't have, at this path of its body. */
export function badList(path: string, message = "there is no such list"): Failure {
  const error = { path, message };
  return new Failure("BAD_CAMPAIGN", `${path}: ${message}`, { details: { errors: [error] } });
}

/** Far above what WeChat takes: it keeps records and requests from growing without bound. */
const JSON_LIMIT = 65_536;

const isShort = (value: unknown) => JSON.stringify(value).length <= JSON_LIMIT;
const tooLong = `expected at most ${JSON_LIMIT} characters as JSON`;

const wholeTo4 = "expected a whole number from 1 to 4";

/** Whom a campaign goes to (CONTRACT section 4). */
const Audience = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("openids"),
    openids: inlineOpenIds("inline OpenIDs, upload a longer list"),
  }),
  ListAudience,
  ...Segment.options,
]);

/** The number of a tag, as an exclusion names it; its members are always read first. */
const TagExclusion = z.strictObject({
  type: z.literal("tag"),
  tagId: z.int({ error: "expected a whole number" }).nonnegative("expected the number of a tag"),
  expand: z.literal(true, { error: "expected true: its members are read" }).optional(),
});

/** Whom a campaign leaves out: people like those of an audience, but not all. */
const Exclusion = z.discriminatedUnion(
  "type",
  [
    z.strictObject({
      type: z.literal("openids"),
      openids: inlineOpenIds("inline OpenIDs, upload a longer list"),
    }),
    ListAudience,
    TagExclusion,
  ],
  { error: "expected openids, a list or a tag" },
);
type Exclusion = z.infer<typeof Exclusion>;

const EXCLUSIONS_MAX = 10;

/**
 * What a producer asks for: the data of a job in the queue `campaigns`, and the body of an HTTP
 * campaign (CONTRACT section 4). Single OpenIDs are judged later, by the intake: a malformed one is
 * counted, not fatal.
 */
export const CampaignBody = z
  .strictObject({
    account: z.string().min(1).describe("An id of the accounts file."),
    name: z.string().max(200).optional().describe("For people."),
    message: AnyMessage.refine((message) => bringsContent(message) || isShort(message), tooLong).describe(
      "As WeChat's mass/send takes it, or with what WeChat has to be given first.",
    ),
    audience: Audience.describe("Whom it goes to."),
    exclude: z
      .array(Exclusion, { error: "expected a list of audiences" })
      .min(1, "expected at least one audience")
      .max(EXCLUSIONS_MAX, `expected at most ${EXCLUSIONS_MAX} audiences`)
      .optional()
      .describe("Whom it leaves out, beside those to whom the account sends nothing."),
    send_ignore_reprint: z.union([z.literal(0), z.literal(1)], { error: "expected 0 or 1" }).optional(),
    metadata: z
      .record(z.string(), z.string())
      .refine(isShort, tooLong)
      .optional()
      .describe("Handed back with the campaign."),
    schedule: Schedule.optional(),
    perUserPerMonth: z
      .int({ error: wholeTo4 })
      .min(1, wholeTo4)
      .max(4, wholeTo4)
      .optional()
      .describe("Leaves the rest of the month's four unspent."),
    overCap: z
      .enum(["skip", "fail"], { error: 'expected "skip" or "fail"' })
      .optional()
      .describe('"fail": no send at all if anyone is at the cap. Left out: they are skipped.'),
    hold: z
      .literal("first-batch", { error: 'expected "first-batch"' })
      .optional()
      .describe("Sends one batch, waits for its result, and goes on by itself if it succeeded."),
    notifyUrl: NotifyUrl.optional().describe("The report is POSTed there, signed."),
  })
  .meta({ id: "CampaignBody" });
export type CampaignBody = z.infer<typeof CampaignBody>;

/** An audience whose people qunfa knows. */
export type ListedAudience = Exclude<CampaignBody["audience"], Segment>;

/** Whom an exclusion names, by what is known of them: each list and tag once. */
export function exclusionOf({ exclude = [] }: Pick<CampaignBody, "exclude">) {
  const each = <Found>(pick: (one: Exclusion) => readonly Found[]) =>
    exclude.flatMap((one) => [...pick(one)]);
  return {
    openids: each((one) => (one.type === "openids" ? one.openids : [])),
    lists: [...new Set(each((one) => (one.type === "list" ? [one.audienceId] : [])))],
    tags: [...new Set(each((one) => (one.type === "tag" ? [one.tagId] : [])))],
  };
}

const NAMED_ISSUES = 20;

/**
 * Checks a producer's data against the schema, the accounts, where they are known, and what can be said of a notifyUrl
 * beforehand.
 *
 * @throws Failure BAD_CAMPAIGN whose message names each wrong field and what was expected, 20 at most
 *   (details: `errors`). No value of the data is repeated in it, so that no OpenID gets into an error.
 */
export function parseCampaign(
  data: unknown,
  accounts: ReadonlyMap<string, { readonly kind: "service" | "subscription" }> | undefined,
  notifyFault: NotifyFault = () => undefined,
): CampaignBody {
  const parsed = checkBody(CampaignBody, data);
  const issues = [
    ...(parsed.success ? [] : parsed.issues),
    ...accountIssues(data, accounts),
    ...(parsed.success
      ? [
          ...segmentIssues(parsed.data),
          ...inlineIssues(parsed.data),
          ...notifyIssues(parsed.data, notifyFault),
        ]
      : []),
  ];
  if (parsed.success && issues.length === 0) return parsed.data;

  const errors = issues.slice(0, NAMED_ISSUES);
  const lines = errors.map(({ path, message }) => `${path}: ${message}`).join("; ");
  const more = issues.length - errors.length;
  throw new Failure("BAD_CAMPAIGN", more > 0 ? `${lines}; and ${more} more` : lines, { details: { errors } });
}

/** What the accounts file has to say of data that may be wrong otherwise. */
function accountIssues(data: unknown, accounts: Parameters<typeof parseCampaign>[1]): Issue[] {
  const named = z.looseObject({ account: z.string().min(1) }).safeParse(data);
  if (!named.success || !accounts) return [];
  const account = accounts.get(named.data.account);
  if (!account) return [{ path: "account", message: "expected an account of the accounts file" }];
  const segment = Segment.safeParse((data as { audience?: unknown }).audience);
  if (account.kind === "service" || (segment.success && !segment.data.expand)) return [];
  const refused = "a subscription account can't send to a list of OpenIDs (WeChat's mass/send refuses it)";
  return [{ path: "audience", message: refused }];
}

/** What can only be kept for people whom qunfa knows before it sends. */
function segmentIssues({ audience, overCap, perUserPerMonth, exclude }: CampaignBody): Issue[] {
  const segment = Segment.safeParse(audience).data;
  if (!segment || !nativeSegment({ segment })) return [];
  const wishes = { overCap: overCap === "fail" || undefined, perUserPerMonth, exclude };
  const message = 'can\'t be kept where WeChat itself expands the audience: "expand" it, or leave this out';
  return Object.entries(wishes).flatMap(([path, wish]) => (wish === undefined ? [] : [{ path, message }]));
}

/** All inline OpenIDs of a body together are no more than those of one audience. */
function inlineIssues(body: CampaignBody): Issue[] {
  const own = body.audience.type === "openids" ? body.audience.openids.length : 0;
  if (own + exclusionOf(body).openids.length <= INLINE_LIMIT) return [];
  return [
    { path: "exclude", message: `expected at most ${INLINE_LIMIT} inline OpenIDs, the audience's included` },
  ];
}

/** A report that could never be POSTed is better refused now than missed later. */
function notifyIssues({ notifyUrl }: CampaignBody, notifyFault: NotifyFault): Issue[] {
  const message = notifyUrl === undefined ? undefined : notifyFault(notifyUrl);
  return message === undefined ? [] : [{ path: "notifyUrl", message }];
}
