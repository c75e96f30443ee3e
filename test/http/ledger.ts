import type { Batch } from "../../src/campaign/batch.ts";
import type { Campaign } from "../../src/campaign/campaign.ts";
import { CampaignId } from "../../src/campaign/campaign-id.ts";
import { type Report, reportOf } from "../../src/campaign/report.ts";
import { Failure } from "../../src/failure.ts";
import type { Ledger, Outcome } from "../../src/http/ledger.ts";

export const openid = (name: string) => `o${name.padEnd(27, "x")}`;

const audience = { received: 5, invalid: 1, duplicate: 0, excluded: 0, capped: 0, admitted: 4 };

export function campaign(id: string, fields: Partial<Campaign> = {}): Campaign {
  return {
    id: CampaignId.parse(id),
    account: "acme",
    state: "sending",
    version: 1,
    digest: "d",
    stamp: 1,
    message: { msgtype: "text", text: { content: "hello" } },
    sendIgnoreReprint: 0,
    createdAt: Date.UTC(2026, 2, 2),
    audience,
    chunks: 1,
    shards: 1,
    planned: 0,
    enqueued: true,
    sendableAt: 0,
    ...fields,
  };
}

export function batch(of: string, number: number, fields: Partial<Batch> = {}): Batch {
  return {
    campaign: CampaignId.parse(of),
    number,
    size: 2,
    month: "2026-03",
    from: { shard: 0, offset: 0 },
    to: { shard: 0, offset: 2 },
    clientmsgid: String(number).padStart(32, "0"),
    state: "planned",
    version: 1,
    epoch: 0,
    calls: 0,
    resends: 0,
    misses: 0,
    notBefore: 0,
    polls: 0,
    ...fields,
  };
}

/** A campaign that has ended, with the report that its batches make. */
export function ended(id: string, batches: Batch[]): { campaign: Campaign; report: Report } {
  const open = campaign(id, { planned: batches.length });
  const report = reportOf(open, batches, Date.UTC(2026, 2, 3));
  return { campaign: campaign(id, { planned: batches.length, state: report.state, report }), report };
}

/** The ledger's questions, answered from lists. The newest campaign stands first; a cursor is an id. */
export function createLedger() {
  const campaigns: Campaign[] = [];
  const batches: Batch[] = [];
  const people = new Map<string, { outcome: Outcome; batch?: number }>();

  const ledger: Ledger = {
    async findCampaign(id) {
      return campaigns.find((campaign) => campaign.id === id);
    },
    async listCampaigns({ account, state, cursor, limit }) {
      const start = cursor === undefined ? 0 : campaigns.findIndex(({ id }) => id === cursor) + 1;
      if (cursor !== undefined && start === 0)
        throw new Failure("INVALID_PARAMETER", "That is no cursor.", {
          details: { errors: [{ path: "cursor", message: "a nextCursor" }] },
        });
      const found = campaigns
        .slice(start)
        .filter((one) => (account ?? one.account) === one.account && (state ?? one.state) === one.state);
      const items = found.slice(0, limit);
      return { items, nextCursor: found.length > limit ? (items.at(-1)?.id ?? null) : null };
    },
    async batchesOf({ id }) {
      return batches.filter((batch) => batch.campaign === id);
    },
    async findRecipient(_campaign, openid) {
      return people.get(openid) ?? { outcome: "absent" };
    },
  };
  return { ledger, campaigns, batches, people };
}
