import type { Campaign } from "../src/campaign/campaign.ts";
import type { Segment } from "../src/campaign/segment.ts";
import type { Sleep } from "../src/queues/sleep.ts";
import type { JobView } from "../src/queues/worker.ts";
import type { Campaigns } from "../src/store/campaigns.ts";
import type { Gathered, Gathering } from "../src/store/gathering.ts";
import type { ApiReply } from "../src/wechat/api-reply.ts";
import type { FollowerPage, Followers } from "../src/wechat/followers.ts";

type Parts = {
  readonly campaigns: Pick<Campaigns, "get" | "version">;
  readonly gathering: Pick<Gathering, "note">;
  readonly readMembers: ReadMembers;
};

type Source = {
  readonly gathering: Gathering;
  readonly wechatOf: (account: string) => { readonly followers: Pick<Followers, "page" | "tagPage"> };
};

/** Trouble with a page is tried again after 10 s, doubling to 10 minutes. */
const TRIES_MAX = 1_000;
const AGAIN = { firstMs: 10_000, capMs: 600_000 };

/** Others are to be planned meanwhile: a run reads so many pages at most. */
const PAGES_A_RUN = 50;

/** A segment's members, or that there are more, or why the next page could not be had. */
type Read =
  | { readonly kind: "read"; readonly all: Gathered }
  | { readonly kind: "more" }
  | { readonly kind: "trouble"; readonly why: string };

/** Reads who is in a segment, page by page: a crash loses no page (WECHAT.md section 7). */
export function createReadMembers({ gathering, wechatOf }: Source) {
  return async (campaign: Pick<Campaign, "account" | "id">, segment: Segment): Promise<Read> => {
    for (let pages = 0; pages < PAGES_A_RUN; pages++) {
      const sofar = await gathering.read(campaign);
      if (sofar.done) return { kind: "read", all: sofar };
      const reply = await pageOf(campaign.account, segment, sofar.next);
      if (reply.kind !== "done") return { kind: "trouble", why: reply.error.message };
      await gathering.add(campaign, sofar, reply.value);
    }
    return { kind: "more" };
  };

  function pageOf(account: string, segment: Segment, next: string): Promise<ApiReply<FollowerPage>> {
    const { followers } = wechatOf(account);
    return segment.type === "all"
      ? followers.page(next || undefined)
      : followers.tagPage(segment.tagId, next);
  }
}

export type ReadMembers = ReturnType<typeof createReadMembers>;

/**
 * Reads the members of a segment that is to be expanded, before it is planned as a list. While WeChat does not
 * give them, the campaign sleeps. Read on in `plan.ts`.
 */
export function createGather({ campaigns, gathering, readMembers }: Parts) {
  /** How often a campaign has met trouble in a row. */
  const tries = new Map<string, number>();

  return async (campaign: Campaign, job: JobView): Promise<Campaign | Sleep> => {
    const { id, segment, version } = campaign;
    if (campaign.state !== "preparing" || !segment?.expand || campaign.gathered) return campaign;
    const asleep = {
      kind: "sleep" as const,
      changed: async () => (await campaigns.version(campaign)) !== version,
    };
    if (!campaign.paused) {
      const read = await readMembers(campaign, segment);
      if (read.kind === "read") {
        tries.delete(id);
        await gathering.note(campaign, read.all);
        await job.note(`Read ${read.all.received} members of the segment.`);
        return campaigns.get(campaign);
      }
      if (read.kind === "more") return { ...asleep, delayMs: 0 };
      await job.note(`The members of the segment could not be read: ${read.why}.`);
    }
    const met = tries.get(id) ?? 0;
    // Those that went on in another process are forgotten now and then.
    if (tries.size > TRIES_MAX) tries.clear();
    tries.set(id, met + 1);
    return { ...asleep, delayMs: Math.min(AGAIN.firstMs * 2 ** Math.min(met, 10), AGAIN.capMs) };
  };
}
