import { z } from "zod";
import { Failure } from "../failure.ts";
import { Answer, errorIn, type WechatError } from "./answer.ts";
import type { Call } from "./client.ts";
import { errcodeOf } from "./errcodes.ts";

export type Credentials = { readonly appid: string; readonly secret: string };

const TokenAnswer = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });

/**
 * Asks for the stable token (WECHAT.md section 1.2). `force` makes WeChat give out a new one and kills the
 * old one at once.
 *
 * @throws Failure TOKEN_REFUSED when WeChat says no, WECHAT_UNREACHABLE when it says nothing, or is busy.
 */
export async function fetchStableToken(call: Call, { appid, secret }: Credentials, force: boolean) {
  const body = { grant_type: "client_credential", appid, secret, ...(force && { force_refresh: true }) };
  const reply = await call({ path: "/cgi-bin/stable_token", body: JSON.stringify(body) });
  if (reply.kind !== "answered") throw unreachable({ message: reply.message });

  const answer = Answer.safeParse(reply.body);
  if (!answer.success) throw unreachable({ message: "the answer has no usable errcode" });
  if (answer.data.errcode !== 0) throw refusal(answer.data.errcode, errorIn(answer.data));

  const token = TokenAnswer.safeParse(reply.body);
  if (!token.success) throw unreachable({ message: "the answer has no access token" });
  return { token: token.data.access_token, lifeMs: token.data.expires_in * 1000 };
}

/** Trouble of the account: what WeChat said, and what its operator must do. */
function tokenRefused({ message, errcode, rid }: WechatError): Failure {
  const { action, remedy = "Check appid and secret in the accounts file." } = errcodeOf(errcode ?? 40001);
  return new Failure("TOKEN_REFUSED", `WeChat refused the access token: ${message}`, {
    details: { ...(errcode !== undefined && { errcode }), ...(rid && { rid }), action, remedy },
  });
}

function refusal(errcode: number, error: WechatError): Failure {
  return errcodeOf(errcode).action === "doubt" ? unreachable(error) : tokenRefused(error);
}

function unreachable({ message, ...details }: WechatError): Failure {
  return new Failure("WECHAT_UNREACHABLE", `WeChat gave no access token: ${message}`, { details });
}
