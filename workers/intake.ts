import type { Account } from "../src/campaign/account.ts";
import { badList, type CampaignBody, exclusionOf, parseCampaign } from "../src/campaign/body.ts";
import { type Campaign, isEnded } from "../src/campaign/campaign.ts";
import { CampaignId, isQueueNumber } from "../src/campaign/campaign-id.ts";
import { isContent } from "../src/campaign/content.ts";
import { digestOf } from "../src/campaign/digest.ts";
import type { Excluded } from "../src/campaign/exclusion.ts";
import { faultOf, type ListId, namedLists, type StoredList } from "../src/campaign/list.ts";
import type { NotifyFault } from "../src/campaign/notification.ts";
import { scheduleOf } from "../src/campaign/schedule.ts";
import { DEFAULT_SHARDS } from "../src/campaign/shard.ts";
import type { Clock } from "../src/clock.ts";
import { Failure } from "../src/failure.ts";
import { type Attempt, type Brought, newAttempt } from "../src/store/attempt.ts";
import type { Audiences } from "../src/store/audiences.ts";
import type { Campaigns } from "../src/store/campaigns.ts";
import type { Contents } from "../src/store/contents.ts";
import type { Lists } from "../src/store/lists.ts";

export type IntakeParts = {
  readonly accounts: ReadonlyMap<string, Account>;
  readonly campaigns: Pick<Campaigns, "find" | "findAt" | "get" | "claim" | "create" | "drop">;
  readonly audiences: Pick<Audiences, "storeList" | "storeExclusion">;
  readonly lists: Pick<Lists, "pin" | "unpin">;
  readonly contents: Pick<Contents, "keepAsked">;
  /** Why nothing can be POSTed to a notifyUrl. */
  readonly notifyFault: NotifyFault;
  /** Until when the data of a restored backup had been alive, 0 if there is none: `beat.ts`. */
  readonly restoredFrom: () => Promise<number>;
  readonly clock: Clock;
};

/** A campaign as it is asked for; `timestamp`: when, in milliseconds. It tells two jobs of one number apart. */
export type Asked = { readonly id: string; readonly data: unknown; readonly timestamp: number };

/** What is noted of a campaign that qunfa itself makes. */
export type More = Pick<Campaign, "againOf">;

/** Clocks of producers and workers may differ by so much. */
const CLOCKS_MS = 10_000;

/**
 * Takes a campaign in: checks the data, puts away what it brings, keeps the stored lists that it names, creates the
 * record. There may be any number of attempts at once, of one body or of several: each puts away apart from the others,
 * and the record takes with it what it was made of. So its being there says that what it brought is.
 *
 * `isNew`: this attempt has created it.
 *
 * @throws Failure BAD_CAMPAIGN, ID_REUSED when the id belongs to another campaign, ID_RETIRING
 */
export function createIntake(parts: IntakeParts) {
  const { accounts, campaigns, audiences, lists, contents, notifyFault, restoredFrom, clock } = parts;

  return async (asked: Asked, more: More = {}): Promise<{ campaign: Campaign; isNew: boolean }> => {
    const known = await campaigns.find(asked.id);
    if (known) return { campaign: await keepLists(theSame(known, asked)), isNew: false };

    const { id, body } = check(asked);
    const createdAt = clock.now();
    await claim(id, body.account, createdAt);
    const address = { account: body.account, id };
    const attempt = newAttempt(address);
    let isNew = false;
    try {
      const { brought, ...taken } = await putAway(address, attempt, body, createdAt);
      const record = { ...address, ...more, ...(await recordOf(asked, body, createdAt)), ...taken };
      const word = await campaigns.create(record, attempt, brought);
      if (word === "lost") throw new Error("What the campaign brings was left alone for too long");
      isNew = word === "created";
      const campaign = await keepLists(theSame(await campaigns.get(address), asked));
      return { campaign, isNew };
    } catch (error) {
      if (error instanceof Failure) await letGo(address, listsOf(body));
      throw error;
    } finally {
      if (!isNew) await campaigns.drop(attempt);
    }
  };

  /** The campaign that has the id, if it is the one that is asked for. */
  function theSame(campaign: Campaign, { id, data, timestamp }: Asked): Campaign {
    const mayRepeat = campaign.stamp === timestamp || !isQueueNumber(id);
    if (mayRepeat && campaign.digest === digestOf(data)) return campaign;
    throw new Failure("ID_REUSED", `id: ${id} belongs to another campaign, give this one its own`);
  }

  function check({ id, data, timestamp }: Asked) {
    const parsed = CampaignId.safeParse(id);
    if (!parsed.success)
      throw new Failure("BAD_CAMPAIGN", "id: expected 1 to 128 of A-Z a-z 0-9 . _ -, not . or ..");
    const body = parseCampaign(data, accounts, notifyFault);
    if (!Number.isSafeInteger(timestamp))
      throw new Failure("BAD_CAMPAIGN", "timestamp: expected the job's own to be whole milliseconds");
    return { id: parsed.data, body };
  }

  async function claim(id: CampaignId, account: string, createdAt: number): Promise<void> {
    const owner = await campaigns.claim(id, account, createdAt);
    if (owner === undefined)
      throw new Failure("ID_RETIRING", `id: what ${id} stood for before is just being removed`);
    if (owner !== account)
      throw new Failure(
        "ID_REUSED",
        `id: ${id} belongs to a campaign of another account, give this one its own`,
      );
  }

  /** What of the record does not hang on what was put away. */
  async function recordOf({ data, timestamp }: Asked, body: CampaignBody, createdAt: number) {
    // A job that lay in a backup may have been sent since: its campaign begins paused like all others of it.
    const restored = await restoredFrom();
    const paused = restored > 0 && timestamp <= restored + CLOCKS_MS;
    return {
      name: body.name,
      digest: digestOf(data),
      stamp: timestamp,
      sendIgnoreReprint: body.send_ignore_reprint ?? 0,
      metadata: body.metadata,
      notifyUrl: body.notifyUrl,
      ...scheduleOf(body.schedule ?? {}),
      perUserPerMonth: body.perUserPerMonth,
      overCap: body.overCap,
      hold: body.hold,
      ...(paused && { paused }),
      createdAt,
      shards: DEFAULT_SHARDS,
    };
  }

  /** Puts away what the campaign brings, and keeps the lists that it names. */
  async function putAway(
    address: Pick<Campaign, "account" | "id">,
    attempt: Attempt,
    body: CampaignBody,
    now: number,
  ) {
    const { message } = body;
    const exclude = await putExclusionAway(address, attempt, body, now);
    const whom = await putAudienceAway(address, attempt, body.audience, now);
    // Content is too much for the record, which is read often.
    if (isContent(message)) await contents.keepAsked(attempt, message);
    const brought: Brought[] = [
      ...(body.audience.type === "openids" ? (["list"] as const) : []),
      ...((exclude?.openids ?? 0) > 0 ? (["exclusion"] as const) : []),
      ...(isContent(message) ? (["content"] as const) : []),
    ];
    const { received, invalid, ...source } = whom;
    const audience = { received, invalid, duplicate: 0, excluded: 0, capped: 0, admitted: 0 };
    const told = isContent(message) ? { content: digestOf(message) } : { message };
    return { brought, audience, exclude, ...source, ...told };
  }

  /** Stores the campaign's own list, or keeps the stored one that it names; a segment has none yet. */
  async function putAudienceAway(
    address: Pick<Campaign, "account" | "id">,
    attempt: Attempt,
    audience: CampaignBody["audience"],
    now: number,
  ) {
    if (audience.type === "tag" || audience.type === "all")
      return { segment: audience, received: 0, invalid: 0, chunks: 0 };
    if (audience.type === "openids") {
      const { received, invalid, chunks } = await audiences.storeList(attempt, audience.openids);
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
  async function putExclusionAway(
    address: Pick<Campaign, "account" | "id">,
    attempt: Attempt,
    body: CampaignBody,
    now: number,
  ): Promise<Excluded | undefined> {
    if (!body.exclude) return undefined;
    const { openids, lists: named, tags } = exclusionOf(body);
    const stored = openids.length > 0 ? await audiences.storeExclusion(attempt, openids) : 0;
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
    throw badList(path, fault);
  }

  /** Keeps the lists that it names: another attempt, refused meanwhile, may have let them go. */
  async function keepLists(campaign: Campaign): Promise<Campaign> {
    const named = isEnded(campaign.state) ? [] : namedLists(campaign);
    for (const list of named) await lists.pin(list, campaign.id, clock.now());
    return campaign;
  }

  /** One that is refused keeps no list but those that a campaign of its id names. */
  async function letGo(address: Pick<Campaign, "account" | "id">, named: readonly ListId[]): Promise<void> {
    const before = await campaigns.findAt(address);
    const kept = before ? namedLists(before) : [];
    for (const list of named) if (!kept.includes(list)) await lists.unpin(list, address.id);
    // One that was created in between may have kept its lists before.
    const campaign = await campaigns.findAt(address);
    if (campaign) await keepLists(campaign);
  }
}

function listsOf(body: CampaignBody): ListId[] {
  const { audience } = body;
  return namedLists({
    list: audience.type === "list" ? audience.audienceId : undefined,
    exclude: exclusionOf(body),
  });
}

export type Intake = ReturnType<typeof createIntake>;
