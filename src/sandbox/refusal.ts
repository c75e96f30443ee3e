import { randomBytes } from "node:crypto";

/** What WeChat answers; a bigint goes out as a bare number of any length. */
export type Reply = Readonly<Record<string, unknown>>;

// WECHAT.md sections 1.3 and 4: how the errmsg of each code begins.
const messages: Readonly<Record<number, string>> = {
  [-1]: "system error",
  0: "ok",
  40001: "invalid credential, access_token is invalid or not latest",
  40002: "invalid grant_type",
  40003: "invalid openid",
  40007: "invalid media_id",
  40008: "invalid message type",
  40013: "invalid appid",
  40014: "invalid access_token",
  40031: "invalid openid list",
  40032: "invalid openid list size",
  40033: "invalid charset. please check your request, if include \\uxxxx will create fail!",
  40059: "invalid msg id",
  40125: "invalid appsecret",
  40130: "invalid openid list size, at least two openid",
  40215: "invalid image count",
  41001: "access_token missing",
  41002: "appid missing",
  41004: "appsecret missing",
  41006: "media_id missing",
  42001: "access_token expired",
  43001: "require GET method",
  43002: "require POST method",
  44002: "empty post data",
  44004: "empty content",
  45009: "reach max api daily quota limit",
  45011: "api minute-quota reach limit, must slower, retry next minute",
  45028: "has no masssend quota",
  45065: "clientmsgid exist",
  45066: "clientmsgid retry too fast",
  45067: "clientmsgid size out of limit",
  45113: "card message is no longer supported",
  45162: "invalid msgtype",
  47001: "data format error",
  47003: "argument invalid",
  48001: "api unauthorized",
};

/** A refusal as WeChat words it: a text that begins alike for one code and ends with an id of its own. */
export function refuse(errcode: number, more: Reply = {}): Reply {
  return { errcode, errmsg: `${messages[errcode] ?? "error"} rid: ${requestId()}`, ...more };
}

export function errcodeOf(reply: Reply | undefined): number {
  return typeof reply?.errcode === "number" ? reply.errcode : 0;
}

/** Written by hand because `JSON.stringify` knows no bigint. */
export function toJson(reply: Reply): string {
  const fields = Object.entries(reply).map(
    ([name, value]) => `${JSON.stringify(name)}:${typeof value === "bigint" ? value : JSON.stringify(value)}`,
  );
  return `{${fields.join(",")}}`;
}

function requestId(): string {
  return [4, 4, 4].map((size) => randomBytes(size).toString("hex")).join("-");
}
