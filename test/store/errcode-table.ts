import type { Audience } from "./errcode-rig.ts";

/**
 * What stands in the ledger after a call of mass/send or mass/sendall that WeChat answered with one of these codes:
 * from CONTRACT section 4, MECHANICS section 1 and WECHAT.md sections 2.2, 2.3 and 4, not from the code.
 */
export type Row = {
  readonly codes: readonly number[];
  /** Only of sends to these; of all by default. */
  readonly of?: readonly Audience[];
  /** Whether the answer names a msg_id. */
  readonly msgId?: boolean;
  readonly batch: "planned" | "unknown" | "accepted" | "failed" | "needs_review";
  /** The code of the batch's trouble. */
  readonly why?: string;
  /** Calls, and with them units of a service account's day: what may have left has cost one. */
  readonly calls?: number;
  /** What the campaign waits for, and until when. */
  readonly waits?: readonly [reason: string, until: string];
  /** Whether the account's other calls wait for the same. */
  readonly stops?: boolean;
  /** Whether reservations stay: a list's people, the base of a send to all; for a tag nothing is reserved. */
  readonly kept: boolean;
  /** What becomes of the campaign's next batch, of another list, and of a send to all. */
  readonly rest: string;
  readonly list: string;
  readonly all: string;
  /** The same answer to a repeat, an earlier call being in doubt: reservations always stay. */
  readonly repeat: {
    readonly batch: Row["batch"];
    readonly why?: string;
    readonly calls?: number;
    readonly waits?: Row["waits"];
  };
};

const go = { rest: "accepted", list: "accepted", all: "accepted" } as const;
const stay = (reason: string) => ({ rest: reason, list: reason, all: reason });
/** WeChat said "not now": the call had no effect, the batch is what it was. */
const notNow = (reason: string, until: string) => ({
  ...({ batch: "planned", why: "NOT_NOW", waits: [reason, until], stops: true, kept: true } as const),
  ...stay(reason),
  repeat: { batch: "unknown", why: "NOT_NOW", waits: [reason, until] } as const,
});
/** Refused for good, but only when no earlier call is in doubt. */
const refused = {
  ...({ batch: "failed", why: "REFUSED", kept: false } as const),
  ...go,
  repeat: { batch: "needs_review", why: "REFUSED" } as const,
};
const toReview = (why: string) => ({
  ...({ batch: "needs_review", why, kept: true } as const),
  ...go,
  repeat: { batch: "needs_review", why } as const,
});

export const table: readonly Row[] = [
  // Another token, and through the gate again.
  {
    codes: [40001, 40014, 42001],
    ...{ batch: "accepted", calls: 2, kept: true },
    ...go,
    repeat: { batch: "accepted", calls: 3 },
  },
  // Sent before, under the msg_id that it names.
  { codes: [45065], msgId: true, batch: "accepted", kept: true, ...go, repeat: { batch: "accepted" } },
  { codes: [45065], msgId: false, ...toReview("MSG_ID_MISSING") },
  // Busy: nobody knows whether the call had an effect.
  {
    codes: [-1, 45066, 45085, 45102, 61450, 268487001, 268487002, 268488001, 9500001, 9500002],
    ...{ batch: "unknown", why: "IN_DOUBT", waits: ["resend", "1 min"], kept: true },
    ...go,
    repeat: { batch: "unknown", why: "IN_DOUBT", waits: ["resend", "2 min"] },
  },
  { codes: [45009], ...notNow("daily-quota", "midnight") },
  { codes: [45028], of: ["list", "tag"], ...notNow("daily-quota", "midnight") },
  { codes: [45028], of: ["all"], ...notNow("daily-quota", "midnight"), stops: false, list: "accepted" },
  { codes: [45040], ...notNow("month", "next month") },
  { codes: [42010, 45011], ...notNow("minute-quota", "1 min") },
  // The protection is for sends to all: asked about another one, an administrator is asked about everything.
  { codes: [89504, 89505], of: ["list", "tag"], ...notNow("admin-confirmation", "30 min") },
  {
    codes: [89504, 89505],
    of: ["all"],
    ...notNow("admin-confirmation", "30 min"),
    ...{ stops: false, list: "accepted" },
  },
  {
    codes: [
      ...[40002, 40013, 40125, 40164, 40243, 41002, 41004, 48001, 48003, 48004, 50001, 50002, 50004, 50007],
      ...[61003, 61004, 61005, 61006, 61007, 89501, 89503, 89506, 89507],
    ],
    ...notNow("account", "10 min"),
  },
  // Trouble of this message, for a person to put right: its campaign alone waits.
  {
    codes: [45062, 45064, 48008, 48021, 53404, 53503, 53504, 53505],
    ...notNow("content", "a person"),
    ...{ stops: false, list: "accepted", all: "accepted" },
  },
  // The message or its media: no batch of the campaign would fare better.
  {
    codes: [
      ...[40007, 40008, 40033, 40193, 40194, 40215, 41040, 45002, 45052, 45113, 45161, 45162, 47002],
      ...[48013, 48014, 48022],
    ],
    ...refused,
    rest: "failed",
  },
  {
    codes: [
      ...[40032, 40035, 40059, 40060, 40065, 40097, 40130, 40132, 40152, 40204, 41001, 43001, 43002, 43003],
      ...[43004, 43019, 44002, 45067, 45083, 45084, 45103, 46004, 47001, 47003, 48002, 48009, 50005, 61451],
    ],
    ...refused,
  },
  { codes: [99999], ...toReview("UNLISTED") },
];

/** Codes that speak of single recipients: what becomes of the batch is told elsewhere. */
export const ofRecipients: readonly number[] = [40003, 40031, 49003];

/** Codes of section 4.1 that no call of the mass interface is answered with. */
export const ofOtherCalls: readonly number[] = [
  ...[48005, 48006, 48010, 76001, 76002, 76003, 76004, 76021, 76022],
];

/** What mass/get answers instead of a status, or as one, and what becomes of an accepted batch. */
export const polls: readonly { readonly answer: object; readonly batch: string; readonly kept: boolean }[] = [
  ...[40001, 40059, 41001, 42001, 43002, 89504, 89505, -1, 45009, 45011, 45028, 48001, 99999].map(
    (errcode) => ({ answer: { errcode, errmsg: "no" }, batch: "accepted", kept: true }),
  ),
  { answer: { msg_status: "SENDING" }, batch: "accepted", kept: true },
  { answer: { msg_status: "SEND_SUCCESS" }, batch: "succeeded", kept: true },
  { answer: { msg_status: "DELETE" }, batch: "succeeded", kept: true },
  // It may have reached some: only a callback can say that it was nobody.
  { answer: { msg_status: "SEND_FAIL" }, batch: "failed", kept: true },
];

/** What people's own calls become, which no batch is concerned by: the kind of the reply, and what it waits for. */
export const desk: Readonly<
  Record<"preview" | "delete" | "getSpeed" | "setSpeed", Readonly<Record<number, string>>>
> = {
  preview: {
    40001: "token",
    ...{ 40003: "refused", 40007: "refused", 40132: "refused", 43004: "refused", 45009: "not-now day" },
  },
  delete: {
    40001: "token",
    ...{ 40059: "refused", 40060: "refused", 40065: "refused", 40204: "refused", 9500001: "unclear" },
  },
  getSpeed: { 40001: "not-now account", 45085: "unclear" },
  setSpeed: {
    40001: "not-now account",
    ...{ 45083: "refused", 45084: "refused", 45085: "unclear" },
    ...{ 89504: "not-now admin", 89505: "not-now admin" },
  },
};
