import type { Account } from "./account.ts";
import type { WaitReason } from "./batch.ts";

/** The daily quotas of an account, each for one Shanghai day (MECHANICS section 4), by their settings. */
const SETTINGS = {
  send: "sendCallsPerDay",
  uploadNews: "uploadNewsPerDay",
  delete: "deleteCallsPerDay",
  preview: "previewCallsPerDay",
} as const;
type LimitedApi = keyof typeof SETTINGS;

/**
 * `upload` is any other upload of material, `status` a question after a message that a person asks: they count only
 * towards the budget over all calls.
 */
export const QUOTA_APIS = ["send", "uploadNews", "delete", "preview", "upload", "status"] as const;
export type QuotaApi = (typeof QUOTA_APIS)[number];

/** The APIs whose units are reserved; sends take theirs at their gate. */
export type ReservedApi = Exclude<QuotaApi, "send">;

type Limited = Pick<Account, "limits">;

/** Undefined for an API without a limit of its own. */
export function callsPerDay({ limits }: Limited, api: QuotaApi): number | undefined {
  return api === "upload" || api === "status" ? undefined : limits[SETTINGS[api]];
}

/**
 * What takes a unit of the sends. `call`: every request that may have left, repeats and refusals included.
 * `batch`, for a subscription account, whose limit is on sends that may have succeeded: all calls of a batch on
 * one day together, and a clear refusal gives it back.
 */
export type SendUnit = "call" | "batch";

export function sendUnitOf({ kind }: Pick<Account, "kind">): SendUnit {
  return kind === "subscription" ? "batch" : "call";
}

/** A sixth of the minute is people's (MECHANICS section 4). */
const MACHINE_SHARE = 5 / 6;

/** How many calls a minute the machine may make for an account: sends and status polls. */
export function machineCallsPerMinute({ limits }: Limited): number {
  return Math.max(1, Math.floor(limits.callsPerMinute * MACHINE_SHARE));
}

/** Why WeChat has stopped a quota, whatever our own count says; `until` in milliseconds. */
export type QuotaBlock = { readonly reason: WaitReason; readonly until: number };

/**
 * One quota today: `left` is how many more calls may be begun or reserved. Among those `used` are `external` ones,
 * of which only WeChat's own count tells.
 */
export type QuotaLeft = {
  readonly limit: number;
  readonly used: number;
  readonly external: number;
  readonly held: number;
  readonly left: number;
  readonly stopped: QuotaBlock | null;
};

/** How the quotas of an account stand. */
export type QuotaState = Readonly<Record<LimitedApi, QuotaLeft>> & {
  readonly day: string;
  /** When all of them but the minute begin anew, in milliseconds. */
  readonly resetsAt: number;
  /** The budget over every call of the mass interface, of an account that has one. */
  readonly allCalls: QuotaLeft | null;
  /** The last 60 s. People may use all of it, machines stop at five sixths. */
  readonly minute: { readonly limit: number; readonly used: number; readonly stopped: QuotaBlock | null };
};

/**
 * What an API has taken today: `held` and `external` are among the `units`; `spent`: WeChat has said that there are
 * no more; `limit`: a lower one than the configured, by WeChat.
 */
export type Taken = {
  readonly units: number;
  readonly held: number;
  readonly external?: number;
  readonly spent: boolean;
  readonly limit?: number | undefined;
};

type Counted = Pick<QuotaState, "day" | "resetsAt"> & {
  readonly takenOf: (api: QuotaApi) => Taken;
  /** Every call of the day, held ones and polls included. */
  readonly calls: number;
  readonly minuteCalls: number;
  /** What WeChat has stopped the account for now. */
  readonly block: QuotaBlock | undefined;
};

export function quotaState(
  account: Limited,
  { day, resetsAt, takenOf, calls, minuteCalls, block }: Counted,
): QuotaState {
  const { limits } = account;
  const sumOf = (what: "held" | "external") =>
    QUOTA_APIS.reduce((sum, api) => sum + (takenOf(api)[what] ?? 0), 0);
  const all = { units: calls, held: sumOf("held"), external: sumOf("external") };
  const allCalls = limits.allCallsPerDay === undefined ? null : leftOf(limits.allCallsPerDay, all);
  const blockFor = (reason: WaitReason) => (block?.reason === reason ? block : undefined);
  const of = (api: LimitedApi) => {
    const taken = takenOf(api);
    const spent = taken.spent ? { reason: "daily-quota" as const, until: resetsAt } : undefined;
    const ofSends = api === "send" ? (blockFor("daily-quota") ?? blockFor("month")) : undefined;
    const limit = Math.min(limits[SETTINGS[api]], taken.limit ?? Number.POSITIVE_INFINITY);
    return leftOf(limit, taken, allCalls?.left, ofSends ?? spent);
  };
  return {
    day,
    resetsAt,
    send: of("send"),
    uploadNews: of("uploadNews"),
    delete: of("delete"),
    preview: of("preview"),
    allCalls,
    minute: { limit: limits.callsPerMinute, used: minuteCalls, stopped: blockFor("minute-quota") ?? null },
  };
}

/** `roof`: what the budget over all calls leaves. */
function leftOf(
  limit: number,
  { units, held, external = 0 }: Pick<Taken, "units" | "held" | "external">,
  roof = limit,
  stopped?: QuotaBlock,
) {
  const left = stopped ? 0 : Math.max(0, Math.min(limit - units, roof));
  return { limit, used: units - held, external, held, left, stopped: stopped ?? null };
}
