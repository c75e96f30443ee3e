import { followerOpenid, unfollowedOpenid } from "../../src/sandbox/followers.ts";
import type { Draw } from "../../src/sandbox/random.ts";

const FULL_BATCH = 10_000;

/** Of each account, so that people can stand in more lists than the month's four. */
const CAMPAIGNS_MIN = 6;
const BATCHES_A_CAMPAIGN = 4;

/** How often a person stands in the lists of an account, on average: one in four of them a fifth time. */
const TIMES = 4.25;

/** More people than the batches need: some are at their cap. */
const SURPLUS = 1.1;

/** Beside followers and what is no OpenID, people who are gone: they are filtered. */
const UNFOLLOWED = 40;

/** One campaign: a stretch of its account's followers, which begins again at the first after the last. */
export type ChaosCampaign = {
  readonly account: string;
  readonly id: string;
  readonly from: number;
  readonly people: number;
  readonly unfollowed: number;
  readonly duplicates: number;
  readonly invalid: number;
};

/**
 * Campaigns of each account whose admitted people fill at least so many batches, most of them full, and who
 * overlap so that the month's cap holds some back.
 */
export function drawCampaigns(draw: Draw, accounts: readonly string[], batches: number) {
  const share = Math.ceil(batches / accounts.length);
  const count = Math.max(CAMPAIGNS_MIN, Math.ceil(share / BATCHES_A_CAMPAIGN));
  const asked = share * FULL_BATCH * SURPLUS;
  const followers = Math.floor(asked / TIMES);
  const campaigns = accounts.flatMap((account) => {
    const weights = Array.from({ length: count }, () => draw([85, 115]));
    const weight = weights.reduce((sum, one) => sum + one, 0);
    let from = 0;
    return weights.map((own, at): ChaosCampaign => {
      const people = Math.floor((asked * own) / weight);
      const campaign = { account, id: `${account}-${at + 1}`, from, people, ...drawRest(draw) };
      from = (from + people) % followers;
      return campaign;
    });
  });
  return { campaigns, followers };
}

function drawRest(draw: Draw) {
  return { unfollowed: draw([5, UNFOLLOWED]), duplicates: draw([20, 60]), invalid: draw([5, 15]) };
}

/** Those who can be admitted, each once. */
export function peopleOf(campaign: ChaosCampaign, followers: readonly string[]): string[] {
  const { account, from, people, unfollowed } = campaign;
  const ring = Array.from({ length: people }, (_, at) => followers[(from + at) % followers.length] ?? "");
  return [...ring, ...Array.from({ length: unfollowed }, (_, at) => unfollowedOpenid(account, at))];
}

/** The list as it is enqueued. */
export function listOf(campaign: ChaosCampaign, followers: readonly string[]): string[] {
  const people = peopleOf(campaign, followers);
  const again = Array.from({ length: campaign.duplicates }, (_, at) => people[at * 7] ?? "");
  const invalid = Array.from({ length: campaign.invalid }, (_, at) => `not an OpenID ${at}`);
  return [...people, ...again, ...invalid];
}

export function followersOf(account: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => followerOpenid(account, at));
}

/** The message names its campaign; text beyond ASCII, as messages are. */
export function messageOf(id: string) {
  return { msgtype: "text", text: { content: `「${id}」群发 “ciao” \n 🎉` } };
}

/** The campaign that a message names. */
export function campaignIn(text: string | undefined): string | undefined {
  return /^「([^」]+)」/.exec(text ?? "")?.[1];
}
