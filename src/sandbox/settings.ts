import { z } from "zod";
import { demoAccount } from "./demo-account.ts";

/** The fields of an accounts file that matter to WeChat's side; what else stands there is qunfa's. */
export const Account = z.object({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "expected [a-z0-9][a-z0-9-]{0,31}"),
  appid: z.string().min(1),
  secret: z.string().min(1),
  kind: z.enum(["service", "subscription"]),
  token: z.string().min(1),
  encodingAESKey: z
    .string()
    .regex(/^[A-Za-z0-9+/]{43}$/, "expected 43 characters of base64")
    .optional(),
});
export type Account = z.infer<typeof Account>;

export const Accounts = z
  .array(Account)
  .min(1)
  .refine(
    (accounts) => new Set(accounts.map(({ id }) => id)).size === accounts.length,
    "two have the same id",
  )
  .refine((accounts) => new Set(accounts.map(({ appid }) => appid)).size === accounts.length, {
    error: "two have the same appid",
  });

const Milliseconds = z.number().int().min(0).max(86_400_000);

/** From and to, both included. */
const Range = z
  .tuple([Milliseconds, Milliseconds])
  .refine(([from, to]) => from <= to, "from must not be above to");
export type Range = z.infer<typeof Range>;

/** Everything that can be set about a sandbox, with what holds when it is not. */
export const Settings = z.strictObject({
  host: z.string().min(1).default("127.0.0.1"),
  port: z.number().int().min(0).max(65_535).default(3100),
  accounts: Accounts.default([demoAccount]),
  /** Results are pushed to `{base}/wechat/{account}/callback`. */
  callbackBase: z.url({ protocol: /^https?$/ }).default("http://127.0.0.1:3000"),
  /** `auto` is safe mode for an account that has an EncodingAESKey and plain for one that has none. */
  callbackMode: z.enum(["auto", "plain", "compatible", "safe"]).default("auto"),
  /** From the acceptance of a job to its end, when its result is pushed. */
  callbackDelayMs: Range.default([300, 1500]),
  callbackTimeoutMs: Milliseconds.min(1).default(5000),
  /** Between two of the three attempts; WECHAT.md does not know. */
  callbackRetryMs: Milliseconds.default(1000),
  /** How long every WeChat call takes. */
  latencyMs: Range.default([10, 60]),
  followers: z.number().int().min(0).max(1_000_000).default(30_000),
  /** The same clientmsgid again sooner than this gets 45066. */
  retryGapMs: Milliseconds.default(60_000),
  sendCallsPerDay: z.number().int().min(0).default(100),
  callsPerMinute: z.number().int().min(0).default(60),
  perUserPerMonth: z.number().int().min(0).max(255).default(4),
  /** With false, media ids that the sandbox never gave out count as good ones unless they begin with `missing`. */
  mediaMustExist: z.boolean().default(false),
  /** Which of two numbers holds where WeChat's pages give different ones for a title, a text or a picture. */
  contentLimits: z.enum(["larger", "smaller"]).default("larger"),
  /**
   * Messages to all wait for the account's administrator: `callback` accepts them and tells by the result,
   * `errcode` answers 89505, and 89504 while one waits. WECHAT.md knows both and not when which.
   */
  massProtection: z.enum(["off", "callback", "errcode"]).default("off"),
  /** `high`: above 2^31, as seen for sends by OpenID, to all below it. `huge`: above 2^53 and odd, so that a double can't hold it. */
  msgIds: z.enum(["high", "huge"]).default("high"),
  /** Of latencies and delays. */
  seed: z.number().int().min(0).default(1),
});
export type Settings = z.infer<typeof Settings>;
