import { createHash } from "node:crypto";
import { z } from "zod";
import type { Report } from "./report.ts";

const expected = "expected an https:// address of at most 2,048 characters, without user name and password";

/** Where a campaign's report is POSTed. Whether qunfa may go there is another matter: `fetch/guard.ts`. */
export const NotifyUrl = z.string({ error: expected }).max(2_048, expected).refine(isWebAddress, expected);

function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === "https:" || protocol === "http:") && username === "" && password === "";
}

/** Why nothing can be POSTed to an address, as far as the configuration and the address itself tell. */
export type NotifyFault = (url: string) => string | undefined;

/** What has become of the newest message about a campaign. Times are milliseconds since the epoch. */
export const Notification = z.object({
  revision: z.int().positive(),
  state: z.enum(["pending", "delivered", "failed"]),
  attempts: z.int().nonnegative(),
  /** What the receiver answered last, if it did. */
  lastStatus: z.int().optional(),
  lastAt: z.number().optional(),
  /** Why the last attempt brought nothing. */
  reason: z.string().optional(),
});
export type Notification = z.infer<typeof Notification>;

/** The campaign that is told of. */
type Subject = { readonly account: string; readonly id: string; readonly createdAt: number };

/**
 * The id of the message about a revision of a report: the same for every attempt, whoever makes it, and another
 * for a later campaign that has the same id. Without a full stop, which Standard Webhooks keeps for itself.
 */
export function messageId({ account, id, createdAt }: Subject, revision: number): string {
  const named = JSON.stringify([account, id, createdAt, revision]);
  return `msg_${createHash("sha256").update(named).digest("hex").slice(0, 32)}`;
}

/** `campaign.closed` for the first report of a campaign, `campaign.corrected` for each later one. */
export function eventOf(revision: number) {
  return revision === 1 ? "campaign.closed" : "campaign.corrected";
}

/** The body of a message: the same text at every attempt. `at`: when the report was written, milliseconds. */
export function messageBody(
  campaign: { readonly name?: string | undefined; readonly metadata?: object | undefined },
  { revision, report, at }: { readonly revision: number; readonly report: Report; readonly at: number },
): string {
  const { name = null, metadata = {} } = campaign;
  return JSON.stringify({
    type: eventOf(revision),
    timestamp: new Date(at).toISOString(),
    data: { ...report, revision, name, metadata },
  });
}

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** How long a message is tried. */
export const NOTIFY_MS = 24 * hourMs;

/** Between an attempt and the next, as Standard Webhooks recommends; what is longer than a day is left out. */
const WAITS_MS = [5 * secondMs, 5 * minuteMs, 30 * minuteMs, 2 * hourMs, 5 * hourMs, 10 * hourMs] as const;

/** Waits are longer by up to so much, so that a receiver that was away does not get all at once. */
const JITTER = 0.1;

/**
 * When to try again after an attempt at `now`, in milliseconds; undefined once the day is over. What the receiver
 * asks for with Retry-After takes the place of the schedule. The last attempt is made as the day ends.
 */
export function nextAttemptAt(of: {
  /** Made so far. */
  readonly attempts: number;
  /** When the message was due first. */
  readonly since: number;
  readonly now: number;
  readonly retryAfterMs?: number | undefined;
  /** From 0 up to 1. */
  readonly random: number;
}): number | undefined {
  const { attempts, since, now, retryAfterMs, random } = of;
  const end = since + NOTIFY_MS;
  if (now >= end) return undefined;
  const [first] = WAITS_MS;
  const scheduled = WAITS_MS[Math.min(attempts, WAITS_MS.length) - 1] ?? first;
  const waitMs =
    retryAfterMs === undefined ? scheduled * (1 + JITTER * random) : Math.max(first, retryAfterMs);
  return Math.min(Math.ceil(now + waitMs), end);
}

/** What a Retry-After says, in milliseconds from `now`: seconds or a date. Undefined when it says nothing. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * secondMs;
  const at = header.endsWith("GMT") ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
