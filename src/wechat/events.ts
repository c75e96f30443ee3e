import { z } from "zod";
import { Failure } from "../failure.ts";
import { type MassOutcome, readStatus } from "./mass-status.ts";
import type { Xml } from "./xml.ts";

/** A node that may be repeated: the first one counts. */
const first = (value: unknown) => (Array.isArray(value) ? value[0] : value);

/** Nothing that is read here is longer; a text that is says nothing. */
const TEXT_MAX = 2_048;

/** A text node, trimmed: pushes come padded, inside CDATA and around it. Empty, nested or huge means missing. */
const text = z.preprocess((value) => {
  const node = first(value);
  const trimmed = typeof node === "string" ? node.trim() : "";
  return trimmed.length > 0 && trimmed.length <= TEXT_MAX ? trimmed : undefined;
}, z.string().optional());

const number = text.pipe(
  z
    .string()
    .regex(/^\d{1,12}$/)
    .transform(Number)
    .optional()
    .catch(undefined),
);

const node = z.preprocess(first, z.looseObject({}).optional().catch(undefined));

const Push = z.object({
  FromUserName: text,
  CreateTime: number,
  MsgType: text,
  Event: text,
  MsgID: text,
  MsgId: text,
  Status: text,
  TotalCount: number,
  FilterCount: number,
  SentCount: number,
  ErrorCount: number,
  CopyrightCheckResult: node,
  ArticleUrlResult: node,
});
type Push = z.infer<typeof Push>;

const MsgId = z.string().regex(/^[1-9]\d{0,19}$/);

export type ArticleUrl = { readonly index: number; readonly url: string };

/** The result of one mass send. `counts` only when WeChat gave all four; times in milliseconds. */
export type MassResult = {
  readonly kind: "mass-result";
  readonly msgId: string;
  readonly status: MassOutcome;
  readonly rawStatus: string;
  readonly counts?: {
    readonly total: number;
    /** Those left *after* filtering (WECHAT.md section 6.3). */
    readonly filter: number;
    readonly sent: number;
    readonly error: number;
  };
  readonly copyright?: Xml;
  readonly articleUrls: readonly ArticleUrl[];
  readonly createdAt?: number;
};

/** Any other message or event. `id` names it over WeChat's repeats; `warning` is meant for the log. */
export type OtherEvent = {
  readonly kind: "other";
  readonly type: string;
  readonly openid?: string;
  readonly id?: string;
  readonly createdAt?: number;
  readonly warning?: string;
};

export type WechatEvent = MassResult | OtherEvent;

/** @throws Failure BAD_CALLBACK for a push without a type, or a result without a msg_id. */
export function readEvent(xml: Xml): WechatEvent {
  const push = Push.parse(xml);
  if (push.MsgType === undefined) throw new Failure("BAD_CALLBACK", "The message has no MsgType.");
  if (push.MsgType.toLowerCase() !== "event") return other(push, push.MsgType);
  if (push.Event === undefined) throw new Failure("BAD_CALLBACK", "The event has no name.");
  return push.Event.toUpperCase() === "MASSSENDJOBFINISH" ? massResult(push) : other(push, push.Event);
}

function massResult(push: Push): WechatEvent {
  const msgId = MsgId.safeParse(push.MsgID ?? push.MsgId);
  if (!msgId.success) throw new Failure("BAD_CALLBACK", "The result of a mass send has no usable MsgID.");
  const rawStatus = (push.Status ?? "").replace(/\s+/g, " ");
  const status = readStatus(rawStatus);
  // Refused, it would come twice more and then be lost: better acknowledged, logged, and left to a poll.
  if (status === undefined) {
    return { ...other(push, "MASSSENDJOBFINISH"), warning: "A mass send's result has an unknown Status" };
  }
  return {
    kind: "mass-result",
    msgId: msgId.data,
    status,
    rawStatus,
    ...countsOf(push),
    ...(push.CopyrightCheckResult && { copyright: push.CopyrightCheckResult }),
    articleUrls: articleUrlsOf(push.ArticleUrlResult),
    ...createdAtOf(push),
  };
}

function other(push: Push, type: string): OtherEvent {
  const { FromUserName: openid, CreateTime: time } = push;
  // Messages are told apart by MsgId, events by sender and time (WECHAT.md section 6.2).
  const id = push.MsgId ?? push.MsgID ?? (openid && time !== undefined ? `${openid}-${time}` : undefined);
  return { kind: "other", type, ...(openid && { openid }), ...(id && { id }), ...createdAtOf(push) };
}

function createdAtOf({ CreateTime }: Push): { createdAt?: number } {
  return CreateTime === undefined ? {} : { createdAt: CreateTime * 1000 };
}

function countsOf(push: Push): Pick<MassResult, "counts"> {
  const { TotalCount: total, FilterCount: filter, SentCount: sent, ErrorCount: error } = push;
  const complete = total !== undefined && filter !== undefined && sent !== undefined && error !== undefined;
  return complete ? { counts: { total, filter, sent, error } } : {};
}

/** `ResultList` may be empty text, one node or several, and so may its items. */
function articleUrlsOf(result: Xml | undefined): ArticleUrl[] {
  const list = z.object({ item: z.unknown() }).safeParse(first(result?.ResultList));
  const items = list.success ? [list.data.item].flat() : [];
  return items.flatMap((item) => {
    const article = z.object({ ArticleIdx: number, ArticleUrl: text }).safeParse(item);
    const { ArticleIdx: index, ArticleUrl: url } = article.data ?? {};
    return index !== undefined && url !== undefined ? [{ index, url }] : [];
  });
}
