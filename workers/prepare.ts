import { z } from "zod";
import type { Account } from "../src/campaign/account.ts";
import { badList, type CampaignBody, exclusionOf, parseCampaign } from "../src/campaign/body.ts";
import type { Campaign } from "../src/campaign/campaign.ts";
import { CampaignId, isQueueNumber } from "../src/campaign/campaign-id.ts";
import { isContent } from "../src/campaign/content.ts";
import { digestOf } from "../src/campaign/digest.ts";
import type { Excluded } from "../src/campaign/exclusion.ts";
import { faultOf, type ListId, type StoredList } from "../src/campaign/list.ts";
import type { NotifyFault } from "../src/campaign/notification.ts";
import { scheduleOf } from "../src/campaign/schedule.ts";
import { DEFAULT_SHARDS } from "../src/campaign/shard.ts";
import type { Clock } from "../src/clock.ts";
import { Failure, type FailureCode, failures } from "../src/failure.ts";
import { StoredPayload } from "../src/queues/queues.ts";
import type { JobView } from "../src/queues/worker.ts";
import type { Audiences } from "../src/store/audiences.ts";
import type { Campaigns } from "../src/store/campaigns.ts";
import type { Contents } from "../src/store/contents.ts";
import type { Lists } from "../src/store/lists.ts";

type Parts = {
  readonly accounts: ReadonlyMap<string, Account>;
  readonly campaigns: Campaigns;
  readonly audiences: Audiences;
  readonly lists: Pick<Lists, "pin" | "unpin">;
  readonly contents: Pick<Contents, "keepAsked">;
  /** Why nothing can be POSTed to a notifyUrl. */
  readonly notifyFault: NotifyFault;
  /** Until when the data of a restored backup had been alive, 0 if there is none: `beat.ts`. */
  readonly restoredFrom: () => Promise<number>;
  readonly clock: Clock;
};

/** Clocks of producers and workers may differ by so much. */
const CLOCKS_MS = 10_000;

const finalCodes = Object.entries(failures).flatMap(([code, { retry }]) =>
  retry ? [] : [code as FailureCode],
);

/**
 * What is left of the data of a job that was refused: said again should it be run again. A code that is none,
 * or whose trouble can pass, was not written here.
 */
const Refused = z.strictObject({ refused: z.enum(finalCodes), message: z.string().max(10_000) });
type Refused = z.infer<typeof Refused>;

/**
 * Takes a campaign in: checks the data, puts the list away in chunks or keeps the stored one that it names,
 * creates the record, takes the list out of the job. Every step may be repeated; the record is created last, so that its being there says
 * that the list is.
 *
 * Throws, and so fails the job for good: BAD_CAMPAIGN for bad data, ID_REUSED when the id belongs to
 * another campaign, AUDIENCE_LOST when the list was put away but the record is gone. The job's data is
 * stripped then too. Read on in `schedule.ts`.
 */
export function createPrepare({
  accounts,
  campaigns,
  audiences,
  lists,
  contents,
  notifyFault,
  restoredFrom,
  clock,
}: Parts) {
  /** `more`: what is noted of a campaign that qunfa itself makes. */
  return async (job: JobView, more: Pick<Campaign, "againOf"> = {}): Promise<Campaign> => {
    const refused = Refused.safeParse(job.data);
    if (refused.success) throw new Failure(refused.data.refused, refused.data.message);
    const stripped = StoredPayload.safeParse(job.data).success;
    try {
      const campaign = (await known(job, stripped)) ?? (await takeIn(job, stripped, more));
      if (!stripped) await strip(job, campaign);
      return campaign;
    } catch (error) {
      if (error instanceof Failure && !failures[error.code].retry && !stripped)
        await job.replaceData({ refused: error.code, message: error.message } satisfies Refused);
      throw error;
    }
  };

  /** The campaign that has this id, if it is the one that this job asks for. */
  async function known(job: JobView, stripped: boolean): Promise<Campaign | undefined> {
    const campaign = await campaigns.find(job.id);
    if (!campaign || stripped || campaign.stamp === job.timestamp) return campaign;
    if (isQueueNumber(job.id) || campaign.digest !== digestOf(job.data))
      throw new Failure("ID_REUSED", `id: ${job.id} belongs to another campaign, give this one its own`);
    return campaign;
  }

  async function takeIn(job: JobView, stripped: boolean, more: Pick<Campaign, "againOf">): Promise<Campaign> {
    if (stripped)
      throw new Failure("AUDIENCE_LOST", "The list was taken out of this job, and its record is gone.");
    const id = CampaignId.safeParse(job.id);
    if (!id.success)
      throw new Failure("BAD_CAMPAIGN", "id: expected 1 to 128 of A-Z a-z 0-9 . _ -, not . or ..");
    const body = parseCampaign(job.data, accounts, notifyFault);
    if (!Number.isSafeInteger(job.timestamp))
      throw new Failure("BAD_CAMPAIGN", "timestamp: expected the job's own to be whole milliseconds");

    // A job that lay in a backup may have been sent since: its campaign begins paused like all others of it.
    const restored = await restoredFrom();
    const paused = restored > 0 && job.timestamp <= restored + CLOCKS_MS;
    const createdAt = clock.now();
    const owner = await campaigns.claim(id.data, body.account, createdAt);
    if (owner === undefined)
      throw new Failure("ID_RETIRING", `id: what ${id.data} stood for before is just being removed`);
    if (owner !== body.account)
      throw new Failure(
        "ID_REUSED",
        `id: ${id.data} belongs to a campaign of another account, give this one its own`,
      );

    const address = { account: body.account, id: id.data };
    const { exclude, received, invalid, chunks, ...source } = await putAwayAll(address, body, createdAt);
    const isKnown = !source.segment && source.gathered !== false;
    const whom = isKnown
      ? `${received} OpenIDs, ${invalid} of them malformed`
      : "people who are yet to be read";
    await job.note(`Took in ${source.segment ? `a segment: ${source.segment.type}` : whom}.`);
    await campaigns.create({
      ...{ ...address, ...more },
      name: body.name,
      digest: digestOf(job.data),
      stamp: job.timestamp,
      ...(await putContentAway(address, body.message)),
      sendIgnoreReprint: body.send_ignore_reprint ?? 0,
      metadata: body.metadata,
      notifyUrl: body.notifyUrl,
      ...scheduleOf(body.schedule ?? {}),
      perUserPerMonth: body.perUserPerMonth,
      overCap: body.overCap,
      hold: body.hold,
      ...(paused && { paused }),
      createdAt,
      audience: { received, invalid, duplicate: 0, excluded: 0, capped: 0, admitted: 0 },
      ...source,
      exclude,
      chunks,
      shards: DEFAULT_SHARDS,
    });
    return campaigns.get(address);
  }

  /** Content is too much for the record, which is read often. */
  async function putContentAway(address: Pick<Campaign, "account" | "id">, message: CampaignBody["message"]) {
    if (!isContent(message)) return { message };
    await contents.keepAsked(address, message);
    return { content: digestOf(message) };
  }

  /** Stores what the campaign brings, and keeps what it names; one that is refused keeps nothing. */
  async function putAwayAll(address: Pick<Campaign, "account" | "id">, body: CampaignBody, now: number) {
    try {
      const exclude = await putAwayExclusion(address, body, now);
      return { exclude, ...(await putAway(address, body.audience, now)) };
    } catch (error) {
      if (error instanceof Failure)
        for (const id of exclusionOf(body).lists) await lists.unpin(id, address.id);
      throw error;
    }
  }

  /** Stores the campaign's own list, or keeps the stored one that it names; a segment has none yet. */
  async function putAway(
    address: Pick<Campaign, "account" | "id">,
    audience: CampaignBody["audience"],
    now: number,
  ) {
    if (audience.type === "tag" || audience.type === "all")
      return { segment: audience, received: 0, invalid: 0, chunks: 0 };
    if (audience.type === "openids") {
      const { received, invalid, chunks } = await audiences.storeList(address, audience.openids);
      return { received, invalid, chunks };
    }
    const list = await keep(address, audience.audienceId, "audience.audienceId", now);
    // How many people it has is noted once all have been read.
    if (list.state === "reading")
      return { list: list.id, gathered: false, received: 0, invalid: 0, chunks: 0 };
    const { received, invalid, chunks } = list;
    return { list: list.id, received, invalid, chunks };
  }

  /** Stores the inline people who are left out, and keeps the lists; members of tags are read later. */
  async function putAwayExclusion(
    address: Pick<Campaign, "account" | "id">,
    body: CampaignBody,
    now: number,
  ): Promise<Excluded | undefined> {
    if (!body.exclude) return undefined;
    const { openids, lists: named, tags } = exclusionOf(body);
    const stored = openids.length > 0 ? await audiences.storeExclusion(address, openids) : 0;
    for (const id of named) await keep(address, id, "exclude", now);
    return { openids: stored, lists: named, tags };
  }

  /** Keeps a stored list for a campaign. Throws BAD_CAMPAIGN when it can't have it. */
  async function keep(
    { account, id }: Pick<Campaign, "account" | "id">,
    named: ListId,
    path: string,
    now: number,
  ): Promise<StoredList> {
    const list = await lists.pin(named, id, now);
    const fault = faultOf(list, account);
    if (list && fault === undefined) return list;
    if (list) await lists.unpin(named, id);
    throw badList(path, fault);
  }

  async function strip(job: JobView, { account, name }: Campaign): Promise<void> {
    await job.replaceData({
      account,
      ...(name !== undefined && { name }),
      stored: true,
    } satisfies StoredPayload);
  }
}
