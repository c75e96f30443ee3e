import type { Account } from "../src/campaign/account.ts";
import type { AuditEntry, Signature } from "../src/campaign/audit.ts";
import { dayOf, endOfDay } from "../src/campaign/calendar.ts";
import type { CampaignId } from "../src/campaign/campaign-id.ts";
import { callsPerDay, type QuotaState, sendUnitOf } from "../src/campaign/quota.ts";
import type { Clock } from "../src/clock.ts";
import { Failure } from "../src/failure.ts";
import type { BatchAddress } from "../src/store/keys.ts";
import type { QuotaCorrections } from "../src/store/quota-corrections.ts";
import type { ApiQuota, ApiQuotaView, HeardApi } from "../src/wechat/api-quota.ts";
import { valueIn } from "../src/wechat/value-in.ts";

type Parts = {
  readonly accounts: ReadonlyMap<string, Account>;
  readonly apiQuotaOf: (account: string) => ApiQuota;
  readonly corrections: QuotaCorrections;
  readonly audit: (entry: AuditEntry) => Promise<unknown>;
  readonly readQuota: (account: Account, now: number) => Promise<QuotaState>;
  readonly campaigns: { open(account: string): Promise<CampaignId[]> };
  readonly batches: { open(campaign: { account: string; id: CampaignId }): Promise<number[]> };
  readonly wakeBatch: (address: BatchAddress) => Promise<unknown>;
  readonly clock: Clock;
};

/** What WeChat counts of the interfaces behind a quota of ours. */
const PATHS = {
  send: ["/cgi-bin/message/mass/send", "/cgi-bin/message/mass/sendall"],
  uploadNews: ["/cgi-bin/media/uploadnews"],
  delete: ["/cgi-bin/message/mass/delete"],
  preview: ["/cgi-bin/message/mass/preview"],
} as const;
const APIS = ["send", "uploadNews", "delete", "preview"] as const;
type CountedApi = (typeof APIS)[number];

/** As close to midnight it is not certain of which day WeChat's count is. */
const MIDNIGHT_MS = 3_000;
const DAY_MS = 86_400_000;

export type QuotaRefresh = {
  readonly account: string;
  readonly day: string;
  readonly apis: readonly HeardApi[];
  /** Units that were added to ours, by API. */
  readonly added: Readonly<Partial<Record<CountedApi, number>>>;
  readonly warnings: readonly string[];
  readonly quota: QuotaState;
};

export type QuotaDesk = ReturnType<typeof createQuotaDesk>;

/** WeChat's own counts of calls: asked, used to correct ours, and set to 0 (WECHAT.md section 5). */
export function createQuotaDesk(parts: Parts) {
  const { accounts, apiQuotaOf, corrections, audit, readQuota, campaigns, batches, wakeBatch, clock } = parts;

  /** @throws Failure NOT_FOUND */
  function accountOf(id: string): Account {
    const account = accounts.get(id);
    if (!account) throw new Failure("NOT_FOUND", "There is no such account.");
    return account;
  }

  /**
   * A path that WeChat does not know (76021) is shown as such.
   *
   * @throws Failure WECHAT_NOT_NOW, WECHAT_UNREACHABLE
   */
  async function ask(account: Account, path: string): Promise<HeardApi> {
    const reply = await apiQuotaOf(account.id).get(path);
    return reply.kind === "refused" ? { path, error: reply.error } : { path, said: valueIn(reply) };
  }

  return {
    /**
     * How they stand by our own count.
     *
     * @throws Failure NOT_FOUND
     */
    read: async (id: string): Promise<QuotaState> => readQuota(accountOf(id), clock.now()),

    /**
     * Asks what WeChat has counted today. Where it is more than ours, calls were made elsewhere: ours is raised,
     * and never lowered. A day's limit that is lower than the configured holds today.
     *
     * A subscription account's sends are shown alone: WeChat counts calls here, qunfa messages (its limit).
     *
     * @throws Failure NOT_FOUND, WECHAT_NOT_NOW, WECHAT_UNREACHABLE
     */
    async refresh(id: string): Promise<QuotaRefresh> {
      const account = accountOf(id);
      const day = dayOf(clock.now());
      const apis: HeardApi[] = [];
      const added: Partial<Record<CountedApi, number>> = {};
      const warnings: string[] = [];
      for (const api of APIS) {
        const heard: HeardApi[] = [];
        for (const path of PATHS[api]) heard.push(await ask(account, path));
        apis.push(...heard);
        const said = heard.flatMap((one) => ("said" in one ? [one.said] : []));
        if (said.length === 0) continue;

        const limit = limitIn(said);
        const ours = callsPerDay(account, api) ?? Number.POSITIVE_INFINITY;
        if (limit !== undefined && limit !== ours)
          warnings.push(
            `${api}: the accounts file allows ${ours} calls a day, WeChat says ${limit}` +
              (limit < ours ? ", which holds today." : "."),
          );
        if (api === "send" && sendUnitOf(account) === "batch") continue;
        if (isMidnight(day)) {
          warnings.push(`${api}: a day begins, nothing was corrected; ask again in some seconds.`);
          continue;
        }
        const used = said.reduce((sum, one) => sum + one.used, 0);
        const lower = limit !== undefined && limit < ours ? limit : undefined;
        added[api] = (await corrections.hear(account, { api, day, used, limit: lower })).added;
      }
      return {
        account: account.id,
        day,
        apis,
        added,
        warnings,
        quota: await readQuota(account, clock.now()),
      };
    },

    /**
     * Has WeChat set its counts of calls to 0, ten times a month (48006), and then ours of today; wakes what
     * waited for them.
     *
     * @throws Failure NOT_FOUND, WECHAT_REFUSED, WECHAT_NOT_NOW, WECHAT_UNREACHABLE: then ours stay as they are
     */
    async clear(id: string, by: Signature): Promise<{ account: string; cleared: true; quota: QuotaState }> {
      const account = accountOf(id);
      await audit({ at: clock.now(), act: "clear-quota", account: id, ...by });
      valueIn(await apiQuotaOf(account.id).clear());
      await corrections.clear(account, clock.now());
      // As it is now: who is woken takes of it at once.
      const quota = await readQuota(account, clock.now());
      for (const campaign of await campaigns.open(account.id))
        for (const number of await batches.open({ account: account.id, id: campaign }))
          await wakeBatch({ account: account.id, campaign, number });
      return { account: account.id, cleared: true, quota };
    },
  };

  function isMidnight(day: string): boolean {
    const now = clock.now();
    const left = endOfDay(day) - now;
    return left < MIDNIGHT_MS || left > DAY_MS - MIDNIGHT_MS;
  }
}

/**
 * The most that one of the interfaces takes: our limit of sends is over both, so that no smaller one may hold for
 * all of them. What is not above 0 is no limit that a page tells of.
 */
function limitIn(said: readonly ApiQuotaView[]): number | undefined {
  const limits = said.map(({ dailyLimit }) => dailyLimit).filter((limit) => limit > 0);
  return limits.length === 0 ? undefined : Math.max(...limits);
}
