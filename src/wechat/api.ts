import type { z } from "zod";
import { Answer, errorIn } from "./answer.ts";
import type { ApiReply } from "./api-reply.ts";
import type { Call, CallRequest, Reply } from "./client.ts";
import { isWait } from "./errcode-entry.ts";
import { errcodeOf } from "./errcodes.ts";
import { noToken, type TokenRefused, type Tokens, withToken } from "./with-token.ts";

/**
 * What became of a call of which each HTTP request costs a unit of a quota. `requests` is how many may have
 * left: reserve and commit one unit before the call; give it back when `requests` is 0, and only then.
 *
 * `token`: WeChat refused the access token, and the next call will have another one. The request counts as
 * every refusal does, so the one who asked reserves a further unit and asks again; a second `token` in a row
 * is trouble of the account.
 */
export type CountedReply<Value> = (ApiReply<Value> | TokenRefused) & { readonly requests: 0 | 1 };

export type ApiRequest = Omit<CallRequest, "token" | "alone"> & {
  /** Errcodes whose answer the schema reads as it reads a success: it holds what was done, or that nothing is there. */
  readonly readable?: readonly number[];
};

export type Api = ReturnType<typeof createApi>;

/**
 * Every call of one account but sends and their polls. An answer whose errcode is missing or 0 is a success
 * (WECHAT.md, common transport rules), and its body is what `schema` makes of it; an errcode means what
 * `errcodes.ts` says. Neither function rejects for anything that WeChat or the network does.
 */
export function createApi({ call, token: tokens }: { call: Call; token: Tokens }) {
  return {
    /** A call that costs no unit: a refused token is replaced, once, on the way. */
    async ask<Value>(request: ApiRequest, schema: z.ZodType<Value>): Promise<ApiReply<Value>> {
      const { readable, ...rest } = request;
      return withToken(tokens, async (token) => readReply(await call({ ...rest, token }), schema, readable));
    },

    /**
     * A call that costs a unit: one HTTP request at most, on a connection of its own, since one that the
     * server has just closed would cost a unit for nothing.
     */
    async askOnce<Value>(request: ApiRequest, schema: z.ZodType<Value>): Promise<CountedReply<Value>> {
      const { readable, ...rest } = request;
      let requests: 0 | 1 = 0;
      try {
        const token = await tokens.get();
        requests = 1;
        const reply = readReply(await call({ ...rest, token, alone: true }), schema, readable);
        if (reply.kind === "token") await tokens.replace(token);
        return { ...reply, requests: reply.kind === "never-left" ? 0 : 1 };
      } catch (failure) {
        return { ...noToken(failure), requests };
      }
    },
  };
}

function readReply<Value>(
  reply: Reply,
  schema: z.ZodType<Value>,
  readable: readonly number[] = [],
): ApiReply<Value> | TokenRefused {
  if (reply.kind !== "answered") return { kind: reply.kind, error: { message: reply.message } };
  const answer = Answer.safeParse(reply.body);
  if (!answer.success) return unclear("the answer has no usable errcode");
  const { errcode } = answer.data;
  if (errcode !== 0 && !readable.includes(errcode)) return readRefusal(answer.data);

  const parsed = schema.safeParse(reply.body);
  if (parsed.success) return { kind: "done", value: parsed.data };
  // Names of fields only: a value may be an OpenID.
  const fields = new Set(parsed.error.issues.map(({ path }) => path.join(".") || "the whole"));
  return unclear(`the answer does not fit: ${[...fields].slice(0, 5).join(", ")}`);
}

function readRefusal(answer: Answer): ApiReply<never> | TokenRefused {
  const error = errorIn(answer);
  const { action } = errcodeOf(answer.errcode);
  if (action === "token") return { kind: "token", error };
  if (action === "ok" || action === "doubt") return { kind: "unclear", error };
  return isWait(action) ? { kind: "not-now", wait: action, error } : { kind: "refused", error };
}

function unclear(message: string): ApiReply<never> {
  return { kind: "unclear", error: { message } };
}
