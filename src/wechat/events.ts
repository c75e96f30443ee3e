import { z } from "zod";
import type { ArticleUrl, Originality } from "../campaign/originality.ts";
import { Failure } from "../failure.ts";
import { type MassOutcome, readStatus } from "./mass-status.ts";
import { articleUrlsOf, originalityOf } from "./originality.ts";
import { type PersonEvent, personEvent } from "./person-event.ts";
import { createdAtOf, Push } from "./push.ts";
import type { Xml } from "./xml.ts";

const MsgId = z.string().regex(/^[1-9]\d{0,19}$/);

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
  readonly originality?: Originality;
  readonly articleUrls: readonly ArticleUrl[];
  readonly createdAt?: number;
};

/** The result of a mass send with a Status that nobody knows: a poll has to close its batch. */
export type UnknownResult = { readonly kind: "unknown-result"; readonly msgId: string };

/** A message that a person wrote, text or image: it is the account's own handler that answers it. */
export type Message = {
  readonly kind: "message";
  readonly type: string;
  readonly openid?: string;
  readonly createdAt?: number;
};

export type { PersonEvent };

export type WechatEvent = MassResult | UnknownResult | PersonEvent | Message;

/** @throws Failure BAD_CALLBACK for a push without a type, or a result without a msg_id. */
export function readEvent(xml: Xml): WechatEvent {
  const push = Push.parse(xml);
  const { MsgType, Event, FromUserName: openid } = push;
  if (MsgType === undefined) throw new Failure("BAD_CALLBACK", "The message has no MsgType.");
  if (MsgType.toLowerCase() !== "event")
    return { kind: "message", type: MsgType, ...(openid !== undefined && { openid }), ...createdAtOf(push) };
  if (Event === undefined) throw new Failure("BAD_CALLBACK", "The event has no name.");
  return Event.toUpperCase() === "MASSSENDJOBFINISH" ? massResult(push) : personEvent(push, Event);
}

/** Whether an event is about a mass send, and so qunfa's own business. */
export function isMassResult({ kind }: Pick<WechatEvent, "kind">): boolean {
  return kind === "mass-result" || kind === "unknown-result";
}

function massResult(push: Push): WechatEvent {
  const msgId = MsgId.safeParse(push.MsgID ?? push.MsgId);
  if (!msgId.success) throw new Failure("BAD_CALLBACK", "The result of a mass send has no usable MsgID.");
  const rawStatus = (push.Status ?? "").replace(/\s+/g, " ");
  const status = readStatus(rawStatus);
  // Refused, it would come twice more and then be lost: better acknowledged, logged, and left to a poll.
  if (status === undefined) return { kind: "unknown-result", msgId: msgId.data };
  const originality = originalityOf(push.CopyrightCheckResult);
  return {
    kind: "mass-result",
    msgId: msgId.data,
    status,
    rawStatus,
    ...countsOf(push),
    ...(originality && { originality }),
    articleUrls: articleUrlsOf(push.ArticleUrlResult),
    ...createdAtOf(push),
  };
}

function countsOf(push: Push): Pick<MassResult, "counts"> {
  const { TotalCount: total, FilterCount: filter, SentCount: sent, ErrorCount: error } = push;
  const complete = total !== undefined && filter !== undefined && sent !== undefined && error !== undefined;
  return complete ? { counts: { total, filter, sent, error } } : {};
}
