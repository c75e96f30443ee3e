import { z } from "zod";
import type { WechatError } from "./answer.ts";
import { createApi } from "./api.ts";
import type { ApiReply } from "./api-reply.ts";
import type { Call } from "./client.ts";
import { nothing } from "./nothing.ts";
import type { Tokens } from "./with-token.ts";

/** WeChat's own count of one interface; the rate it shows is not always the one it holds (WECHAT.md section 2.8). */
export type ApiQuotaView = {
  readonly dailyLimit: number;
  readonly used: number;
  readonly left: number;
  readonly rate?: { readonly calls: number; readonly seconds: number };
};

/** Of one interface, by its path: WeChat's numbers, or what it said in their place. */
export type HeardApi = { readonly path: string } & (
  | { readonly said: ApiQuotaView }
  | { readonly error: WechatError }
);

/** WeChat's numbers as callers see them, over HTTP or by `qunfa account quota --refresh -o json`. */
export const HeardView = z
  .union([
    z.object({
      path: z.string(),
      dailyLimit: z.number(),
      used: z.number(),
      left: z.number(),
      rate: z.object({ calls: z.number(), seconds: z.number() }).nullable(),
    }),
    z.object({
      path: z.string(),
      error: z.object({ errcode: z.number().nullable(), message: z.string(), rid: z.string().nullable() }),
    }),
  ])
  .meta({ id: "WechatQuota" });
export type HeardView = z.infer<typeof HeardView>;

export function viewHeard({ path, ...heard }: HeardApi): HeardView {
  if ("said" in heard) {
    const { dailyLimit, used, left, rate = null } = heard.said;
    return { path, dailyLimit, used, left, rate };
  }
  const { errcode = null, message, rid = null } = heard.error;
  return { path, error: { errcode, message, rid } };
}

const Rate = z
  .object({ call_count: z.number(), refresh_second: z.number() })
  .transform(({ call_count: calls, refresh_second: seconds }) => ({ calls, seconds }));

const QuotaAnswer = z
  .object({
    quota: z.object({ daily_limit: z.number(), used: z.number(), remain: z.number() }),
    rate_limit: Rate.optional().catch(undefined),
  })
  .transform(({ quota: { daily_limit: dailyLimit, used, remain: left }, rate_limit: rate }): ApiQuotaView => {
    return { dailyLimit, used, left, ...(rate && { rate }) };
  });

export type ApiQuota = ReturnType<typeof createApiQuota>;

/** What WeChat says of the call quotas of one account (WECHAT.md section 5). */
export function createApiQuota(parts: { call: Call; token: Tokens; account: { readonly appid: string } }) {
  const { ask } = createApi(parts);
  return {
    /** Of one interface, by its path, such as `/cgi-bin/message/mass/send`; no query. */
    get(path: string): Promise<ApiReply<ApiQuotaView>> {
      return ask(
        { path: "/cgi-bin/openapi/quota/get", body: JSON.stringify({ cgi_path: path }) },
        QuotaAnswer,
      );
    },

    /**
     * Sets the counts of all interfaces to 0: ten times a month, the console's included (48006). What 45028
     * counts, mass sends that went out, it is taken not to touch.
     */
    clear(): Promise<ApiReply<undefined>> {
      const body = JSON.stringify({ appid: parts.account.appid });
      return ask({ path: "/cgi-bin/clear_quota", body }, nothing);
    },
  };
}
