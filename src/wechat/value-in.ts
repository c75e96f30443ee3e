import { Failure } from "../failure.ts";
import type { ApiReply } from "./api-reply.ts";
import { errcodeOf } from "./errcodes.ts";
import type { TokenRefused } from "./with-token.ts";

/**
 * What a call brought, for whoever has nothing to do but tell a person when it brought nothing.
 *
 * @throws Failure WECHAT_REFUSED, WECHAT_NOT_NOW, or WECHAT_UNREACHABLE (details: errcode, rid, remedy, wait)
 */
export function valueIn<Value>(reply: ApiReply<Value> | TokenRefused): Value {
  if (reply.kind === "done") return reply.value;
  const { message, errcode, rid } = reply.error;
  const remedy = errcode === undefined ? undefined : errcodeOf(errcode).remedy;
  const code = errcode === undefined ? "" : ` (errcode ${errcode})`;
  const details = {
    ...(errcode !== undefined && { errcode }),
    ...(rid && { rid }),
    ...(remedy && { remedy }),
  };
  const told = `${message}${code}${remedy ? `. ${remedy}` : ""}`;
  switch (reply.kind) {
    case "refused":
      throw new Failure("WECHAT_REFUSED", told, { details });
    case "not-now":
      throw new Failure("WECHAT_NOT_NOW", told, { details: { ...details, wait: reply.wait } });
    default:
      throw new Failure("WECHAT_UNREACHABLE", told, { details });
  }
}
