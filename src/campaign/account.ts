import { z } from "zod";
import { WindowTimes } from "./window.ts";

/**
 * One Official Account and what it may do: CONTRACT section 3. Defaults are filled in, so what comes out
 * says everything; WeChat's own numbers stand in WECHAT.md.
 */

export const AccountId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "expected 1 to 32 of a-z, 0-9 and -, the first no -")
  .brand<"AccountId">();
export type AccountId = z.infer<typeof AccountId>;

const count = z.int().min(1);

const Limits = z.strictObject({
  /** 100 for a service account, 1 for a subscription account. */
  sendCallsPerDay: count.exactOptional(),
  callsPerMinute: count.default(60),
  perUserPerMonth: count.max(4).default(4),
  uploadNewsPerDay: count.default(10),
  deleteCallsPerDay: count.default(10),
  previewCallsPerDay: count.default(100),
  /** One budget over every call of the mass interface, uploads included. */
  allCallsPerDay: count.exactOptional(),
});

const httpUrl = z.url({ protocol: /^https?$/, error: "expected an http or https address" });

/** An address that paths are put behind. */
const base = httpUrl.transform((url) => url.replace(/\/+$/, ""));

const secret = z.string().min(1, "expected some text");

const aesKey = z.string().regex(/^[0-9A-Za-z+/]{43}$/, "expected 43 characters of A-Z, a-z and 0-9");

export const Account = z
  .strictObject({
    id: AccountId,
    appid: z.string().regex(/^wx[0-9A-Za-z_-]{4,62}$/, 'expected an appid such as "wx0123456789abcdef"'),
    secret,
    kind: z.enum(["service", "subscription"]),
    token: secret,
    /** Absent: callbacks come plain. */
    encodingAESKey: aesKey.exactOptional(),
    /** While they are replaced: what fits the ones before is taken too. */
    previousToken: secret.exactOptional(),
    previousEncodingAESKey: aesKey.exactOptional(),
    apiBase: base.default("https://api.weixin.qq.com"),
    mpBase: base.default("https://mp.weixin.qq.com"),
    limits: Limits.prefault({}),
    /** Asia/Shanghai; used when a campaign has none. */
    window: WindowTimes.exactOptional(),
    /** The account's own handler of callbacks: each is passed on to it once it is stored (`fetch/forward.ts`). */
    forwardTo: httpUrl.exactOptional(),
    articles: z.enum(["draft", "uploadnews"]).exactOptional(),
  })
  .transform((account) => {
    const sendCallsPerDay = account.limits.sendCallsPerDay ?? (account.kind === "service" ? 100 : 1);
    return { ...account, limits: { ...account.limits, sendCallsPerDay } };
  });
export type Account = z.infer<typeof Account>;

export const AccountsFile = z
  .strictObject({ accounts: z.array(Account).min(1, "expected at least one account") })
  .superRefine(({ accounts }, context) => {
    for (const field of ["id", "appid"] as const) {
      const seen = new Set<string>();
      for (const [index, account] of accounts.entries()) {
        if (seen.has(account[field])) {
          context.addIssue({ code: "custom", path: ["accounts", index, field], message: "is used twice" });
        }
        seen.add(account[field]);
      }
    }
  });
export type AccountsFile = z.infer<typeof AccountsFile>;
