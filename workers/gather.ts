import type { Campaign } from "../src/campaign/campaign.ts";
import type { Segment } from "../src/campaign/segment.ts";
import type { Sleep } from "../src/queues/sleep.ts";
import type { JobView } from "../src/queues/worker.ts";
import type { Campaigns } from "../src/store/campaigns.ts";
import type { Gathering } from "../src/store/gathering.ts";
import type { Gathered, MemberPage } from "../src/store/member-pages.ts";
import type { WechatError } from "../src/wechat/answer.ts";
import type { ApiReply } from "../src/wechat/api-reply.ts";
import type { FollowerPage, Followers } from "../src/wechat/followers.ts";
import type { AwaitLists } from "./await-lists.ts";
import { troubleOf } from "./trouble.ts";

type Parts = {
  readonly campaigns: Pick<Campaigns, "get" | "version" | "refuse">;
  readonly gathering: Pick<Gathering, "note">;
  readonly readMembers: ReadMembers;
  readonly awaitLists: AwaitLists;
  readonly remedyOf: (errcode: number) => string | undefined;
};

/** Where pages are put: a campaign's own list, its exclusion, a stored list. */
type Pages<Address> = {
  read(of: Address): Promise<Gathered>;
  add(of: Address, before: Gathered, page: MemberPage): Promise<"added" | "moved" | "gone">;
};

type Source<Address> = {
  readonly gathering: Pages<Address>;
  readonly wechatOf: (account: string) => { readonly followers: Pick<Followers, "page" | "tagPage"> };
};

/** Trouble with a page is tried again after 10 s, doubling to 10 minutes. */
const TRIES_MAX = 1_000;
const AGAIN = { firstMs: 10_000, capMs: 600_000 };

/** How long to wait after trouble that was met so many times before in a row. */
export function againMs(met: number): number {
  return Math.min(AGAIN.firstMs * 2 ** Math.min(met, 10), AGAIN.capMs);
}

/** Others are to be planned meanwhile: a run reads so many pages at most. */
const PAGES_A_RUN = 50;

/** A segment's members, or that there are more, or why the next page could not be had; `gone`: nobody needs them. */
type Read =
  | { readonly kind: "read"; readonly all: Gathered }
  | { readonly kind: "more" }
  | { readonly kind: "gone" }
  | {
      readonly kind: "trouble";
      readonly why: string;
      readonly refused: boolean;
      readonly error: WechatError;
    };

type Unread = Exclude<Read, { kind: "read" }>;

/** Reads who is in a segment, page by page: a crash loses no page (WECHAT.md section 7). */
export function createReadMembers<Address extends { readonly account: string }>(of: Source<Address>) {
  const { gathering, wechatOf } = of;
  return async (address: Address, segment: Segment): Promise<Read> => {
    for (let pages = 0; pages < PAGES_A_RUN; pages++) {
      const sofar = await gathering.read(address);
      if (sofar.done) return { kind: "read", all: sofar };
      const reply = await pageOf(address.account, segment, sofar.next);
      if (reply.kind !== "done") {
        const { error, kind } = reply;
        return { kind: "trouble", why: error.message, refused: kind === "refused", error };
      }
      if ((await gathering.add(address, sofar, reply.value)) === "gone") return { kind: "gone" };
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

type Gathers = Pick<Campaign, "account" | "id"> & { readonly excludedTag?: number };

/** Of a campaign: the members of its segment, or of a tag that it leaves out. */
export type ReadMembers = (of: Gathers, segment: Segment) => Promise<Read>;

/**
 * Reads whom WeChat has to name before a campaign is planned as a list: the members of a segment that is to be
 * expanded, and of tags that are left out. While WeChat does not give them, or a stored list is still being read,
 * the campaign sleeps. Read on in `plan.ts`.
 */
export function createGather({ campaigns, gathering, readMembers, awaitLists, remedyOf }: Parts) {
  /** How often a campaign has met trouble in a row. */
  const tries = new Map<string, number>();

  return async (campaign: Campaign, job: JobView): Promise<Campaign | Sleep> => {
    const { id, version } = campaign;
    if (campaign.state !== "preparing") return campaign;
    if (!asksWechat(campaign)) return awaitLists(campaign, job);
    const asleep = {
      kind: "sleep" as const,
      changed: async () => (await campaigns.version(campaign)) !== version,
    };
    if (!campaign.paused) {
      const read = await readAll(campaign, job);
      if (read.kind === "read") {
        tries.delete(id);
        return awaitLists(await campaigns.get(campaign), job);
      }
      if (read.kind !== "trouble") return { ...asleep, delayMs: 0 };
      if (read.refused) return refuse(campaign, read.error, job);
      await job.note(`The members of the segment could not be read: ${read.why}.`);
    }
    const met = tries.get(id) ?? 0;
    // Those that went on in another process are forgotten now and then.
    if (tries.size > TRIES_MAX) tries.clear();
    tries.set(id, met + 1);
    return { ...asleep, delayMs: againMs(met) };
  };

  /** There is no such tag, or WeChat names nobody to this account: it would be told the same for ever. */
  async function refuse(campaign: Campaign, error: WechatError, job: JobView): Promise<Campaign> {
    await campaigns.refuse(campaign, "AUDIENCE_REFUSED", troubleOf("AUDIENCE_REFUSED", error, remedyOf));
    await job.note(`Nothing is sent: the members of the segment were refused, ${error.message}.`);
    return campaigns.get(campaign);
  }

  /** "read" when nothing is left to be read. */
  async function readAll(campaign: Campaign, job: JobView): Promise<Unread | { readonly kind: "read" }> {
    const { account, id, segment, exclude } = campaign;
    if (segment?.expand && !campaign.gathered) {
      const read = await readMembers(campaign, segment);
      if (read.kind !== "read") return read;
      await gathering.note(campaign, read.all);
      await job.note(`Read ${read.all.received} members of the segment.`);
    }
    for (const tagId of exclude?.tags ?? []) {
      const read = await readMembers({ account, id, excludedTag: tagId }, { type: "tag", tagId });
      if (read.kind !== "read") return read;
    }
    return { kind: "read" };
  }
}

function asksWechat({ segment, gathered, exclude }: Campaign): boolean {
  return (segment?.expand === true && !gathered) || (exclude?.tags.length ?? 0) > 0;
}
