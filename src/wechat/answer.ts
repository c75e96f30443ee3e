import { z } from "zod";

/** What went wrong, in WeChat's words where it spoke. Never holds an OpenID or a token. */
export type WechatError = { readonly errcode?: number; readonly message: string; readonly rid?: string };

/** msg_id and its like: a number or a string of digits, kept as a string. */
export const Id = z
  .union([z.number().int().positive(), z.string().regex(/^[1-9]\d*$/)])
  .transform((id) => String(id));

const Code = z.union([
  z.number().int(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
]);

/** What any answer may hold. A missing errcode means 0 (WECHAT.md, common transport rules). */
export const Answer = z.looseObject({
  errcode: Code.default(0),
  errmsg: z.string().catch(""),
  msg_id: Id.optional().catch(undefined),
});
export type Answer = z.infer<typeof Answer>;

/** ` rid: …` at the end of a newer errmsg: names the call in WeChat's own logs. */
const ridAtEnd = /\s*\brid:\s*([0-9a-f]+(?:-[0-9a-f]+)+)\s*$/i;

/** As long as an OpenID or longer: an errmsg may quote one, or a token. */
const secretive = /[A-Za-z0-9_-]{20,}/g;

/** The error in an answer whose errcode is not 0. */
export function errorIn({ errcode, errmsg }: Pick<Answer, "errcode" | "errmsg">): WechatError {
  const text = errmsg.slice(0, 500);
  const rid = ridAtEnd.exec(text)?.[1];
  const message = text.replace(ridAtEnd, "").replace(secretive, "…").trim();
  return { errcode, message: message || `errcode ${errcode}`, ...(rid && { rid }) };
}
