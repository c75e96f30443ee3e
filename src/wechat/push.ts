import { z } from "zod";

/** A node that may be repeated: the first one counts. */
export const first = (value: unknown) => (Array.isArray(value) ? value[0] : value);

/** Nothing that is read here is longer; a text that is says nothing. */
const TEXT_MAX = 2_048;

/** A text node, trimmed: pushes come padded, inside CDATA and around it. Empty, nested or huge means missing. */
export const text = z.preprocess((value) => {
  const node = first(value);
  const trimmed = typeof node === "string" ? node.trim() : "";
  return trimmed.length > 0 && trimmed.length <= TEXT_MAX ? trimmed : undefined;
}, z.string().optional());

export const number = text.pipe(
  z
    .string()
    .regex(/^\d{1,12}$/)
    .transform(Number)
    .optional()
    .catch(undefined),
);

const node = z.preprocess(first, z.looseObject({}).optional().catch(undefined));

/** What is read of any message or event (WECHAT.md sections 6.3 and 6.4); other nodes are passed over. */
export const Push = z.object({
  FromUserName: text,
  CreateTime: number,
  MsgType: text,
  Event: text,
  EventKey: text,
  Ticket: text,
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
export type Push = z.infer<typeof Push>;

/** When WeChat says that it happened, in milliseconds. */
export function createdAtOf({ CreateTime }: Push): { createdAt?: number } {
  return CreateTime === undefined ? {} : { createdAt: CreateTime * 1000 };
}
