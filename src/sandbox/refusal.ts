import { randomBytes } from "node:crypto";
import { messages } from "./errmsg.ts";

/** What WeChat answers; a bigint goes out as a bare number of any length. */
export type Reply = Readonly<Record<string, unknown>>;

/** A refusal as WeChat words it: a text that begins alike for one code and ends with an id of its own. */
export function refuse(errcode: number, more: Reply = {}): Reply {
  if (errcode === 0) return { errcode, errmsg: "ok", ...more };
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
