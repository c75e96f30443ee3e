import { type BatchId, batchId } from "../campaign/batch.ts";
import type { CampaignId } from "../campaign/campaign-id.ts";
import type { ListId } from "../campaign/list.ts";

/** Which file of which account, and what it is to be: `sha256` is of its bytes, or of what else makes it. */
export type MediaName = { readonly account: string; readonly kind: string; readonly sha256: string };

/**
 * Every Redis key of qunfa outside BullMQ's own; `docs/keys.md` explains them.
 *
 * Hash tags: `{qunfa}` for what is found without knowing the account, `{qunfa:<account>}` for all that one
 * script may change together, `{qunfa:list:<id>}` for a stored list (MECHANICS section 6). `name` is `qunfa` but in tests.
 */
export function createKeys(name = "qunfa") {
  const root = `{${name}}`;
  const of = (account: string) => `{${name}:${account}}`;
  const list = (id: ListId) => `{${name}:list:${id}}`;
  const campaign = (account: string, id: CampaignId) => `${of(account)}:campaign:${id}`;
  const mediaKey = (what: string, { account, kind, sha256 }: MediaName) =>
    `${of(account)}:${what}:${kind}:${sha256}`;
  return {
    /** BullMQ's prefix. */
    root,
    /** string: the account of a campaign. */
    campaignAccount: (id: CampaignId) => `${root}:campaign:${id}`,
    /** zset: campaign ids by when they were created. */
    campaignIndex: `${root}:campaign-index`,
    /** hash: the beat of all workers, by which a restored backup is known. */
    beat: `${root}:beat`,
    /** stream: what became of campaigns, for those who follow. */
    feed: `${root}:feed`,
    /** hash: what the feed has told last of each campaign. */
    feedTold: `${root}:feed-told`,
    /** hash: campaigns that are being removed, by id. */
    retiring: `${root}:retiring`,
    /** string: wrong keys or passwords, behind a colon by client address and, as `all`, of all together. */
    guesses: (of: "key" | "password") => `${root}:guesses:${of}`,
    /** string: a login of a person that was ended before its time. */
    endedLogin: (id: string) => `${root}:ended-login:${id}`,
    /** zset: ids of stored lists by when they were created. */
    storedLists: `${root}:lists`,
    /** zset: ids of stored lists that are being read from WeChat, by when they were created. */
    readings: `${root}:readings`,
    /** hash: the record of a stored list. */
    storedList: (id: ListId) => `${list(id)}:record`,
    /** hash: its OpenIDs, in compressed chunks. */
    storedPeople: (id: ListId) => `${list(id)}:people`,
    /** set: campaigns that named it. */
    storedPins: (id: ListId) => `${list(id)}:pins`,
    /** hash: pause and trouble of an account. */
    account: (account: string) => `${of(account)}:account`,
    /** zset: campaigns that have not ended, by when they were created. */
    openCampaigns: (account: string) => `${of(account)}:open`,
    /** zset: campaigns whose retention runs, by since when. */
    ended: (account: string) => `${of(account)}:ended`,
    /** zset: messages to the owners of campaigns that are to be delivered, by since when. */
    dueMessages: (account: string) => `${of(account)}:due-messages`,
    /** hash: how many messages came to which end. */
    messageEnds: (account: string) => `${of(account)}:message-ends`,
    /** zset: batches in doubt, by since when. */
    doubt: (account: string) => `${of(account)}:doubt`,
    /** hash: units and calls of one Shanghai day, of every API. */
    quota: (account: string, day: string) => `${of(account)}:quota:${day}`,
    /** zset: calls of the last minute, by their time. */
    minute: (account: string) => `${of(account)}:minute`,
    /** hash: who may send now, and the fair queue's clock. */
    turn: (account: string) => `${of(account)}:turn`,
    /** zset: batches that wait for their turn, by their place. */
    turnQueue: (account: string) => `${of(account)}:turn-queue`,
    /** hash: an account's month: its number of shards, messages to everybody, followers. */
    caps: (account: string, month: string) => `${of(account)}:caps:${month}`,
    /** hash: version and packed counters of one hash shard. */
    capShard: (account: string, month: string, shard: number) => `${of(account)}:caps:${month}:${shard}`,
    /** string: who has unfollowed, of one hash shard, packed. */
    unfollowed: (account: string, shard: number) => `${of(account)}:unfollowed:${shard}`,
    /** string: when a person followed last, by their fingerprint; for a while. */
    followed: (account: string, person: string) => `${of(account)}:followed:${person}`,
    /** string: the people of one hash shard to whom nothing is sent, a line each. */
    doNotSend: (account: string, shard: number) => `${of(account)}:do-not-send:${shard}`,
    /** hash: how many people these are. */
    doNotSendCounts: (account: string) => `${of(account)}:do-not-send`,
    /** string: an event that was put on the queue `events`; for a while. */
    event: (account: string, id: string) => `${of(account)}:event:${id}`,
    /** hash: the access token. */
    token: (account: string) => `${of(account)}:token`,
    /** string: who renews the token now. */
    tokenLease: (account: string) => `${of(account)}:token-lease`,
    /** string: the batch that a msg_id belongs to. */
    messageOwner: (account: string, msgId: string) => `${of(account)}:message:${msgId}`,
    /** string: a result whose msg_id no batch owns yet. */
    inbox: (account: string, msgId: string) => `${of(account)}:inbox:${msgId}`,
    /** zset: msg_ids of the results in the inbox, by when they came. */
    unclaimed: (account: string) => `${of(account)}:unclaimed`,
    /** zset: batches under review, by since when they could own a result whose msg_id no batch owns; 0: never. */
    review: (account: string) => `${of(account)}:review`,
    /** stream: who did what to the account and its campaigns, and why. */
    audit: (account: string) => `${of(account)}:audit`,
    /** hash: a send made outside qunfa that was booked, with marks of what is counted. */
    booking: (account: string, id: string) => `${of(account)}:booking:${id}`,
    /** string: the booking of a msg_id. */
    bookingOfMessage: (account: string, msgId: string) => `${of(account)}:booked-message:${msgId}`,
    /** string: digest and booking of an Idempotency-Key. */
    bookingOfKey: (account: string, key: string) => `${of(account)}:booked-key:${key}`,
    /** hash: an uploaded file, in pieces. */
    upload: (id: string) => `{${name}:upload:${id}}`,
    /** hash: what a file became at WeChat. */
    media: (of: MediaName) => mediaKey("media", of),
    /** string: who brings a file to WeChat now. */
    mediaLease: (of: MediaName) => mediaKey("media-lease", of),
    /** hash: a campaign's record. */
    campaign,
    /** hash: a campaign's content as it was asked for, and its articles as WeChat takes them. */
    content: (account: string, id: CampaignId) => `${campaign(account, id)}:content`,
    /** hash: a campaign's list as it came, in compressed chunks. */
    list: (account: string, id: CampaignId) => `${campaign(account, id)}:list`,
    /** hash: whom a campaign leaves out, in compressed chunks: inline OpenIDs, and members of tags. */
    exclusion: (account: string, id: CampaignId) => `${campaign(account, id)}:exclusion`,
    /** hash: a campaign's admitted people, one compressed field a shard. */
    plan: (account: string, id: CampaignId) => `${campaign(account, id)}:plan`,
    /** hash: what a campaign's owner has yet to be told, by the report's revision. */
    messages: (account: string, id: CampaignId) => `${campaign(account, id)}:messages`,
    /** set: numbers of a campaign's open batches. */
    openBatches: (account: string, id: CampaignId) => `${campaign(account, id)}:open`,
    /** hash: a batch's record. */
    batch: (account: string, id: CampaignId, number: number) => `${campaign(account, id)}:batch:${number}`,
    /** hash: who of a batch is admitted again in a later month, by shard; while that is under way. */
    readmission: (account: string, id: CampaignId, number: number) =>
      `${campaign(account, id)}:batch:${number}:readmission`,
  };
}

export type Keys = ReturnType<typeof createKeys>;

/** Where one batch lives: what a batch job carries. */
export type BatchAddress = {
  readonly account: string;
  readonly campaign: CampaignId;
  readonly number: number;
};

export function idOf(address: BatchAddress): BatchId {
  return batchId(address.campaign, address.number);
}

export function addressOf(account: string, id: BatchId): BatchAddress {
  const mark = id.lastIndexOf("~");
  return { account, campaign: id.slice(0, mark) as CampaignId, number: Number(id.slice(mark + 1)) };
}
