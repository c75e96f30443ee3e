import type { Campaign } from "../src/campaign/campaign.ts";
import type { Excluded, Exclusion, PeopleLines } from "../src/campaign/exclusion.ts";
import type { ListId } from "../src/campaign/list.ts";
import { Failure } from "../src/failure.ts";
import type { Audiences } from "../src/store/audiences.ts";
import type { DoNotSend } from "../src/store/do-not-send.ts";
import type { Gathering } from "../src/store/gathering.ts";
import type { Lists } from "../src/store/lists.ts";
import type { Unfollowed } from "../src/store/unfollowed.ts";

type Parts = {
  readonly unfollowed: Pick<Unfollowed, "among">;
  readonly doNotSend: Pick<DoNotSend, "all">;
};

/** Who is left out of whatever an account sends, and whom a campaign names beside: `sources`. */
export type ExcludeAll = (account: string, sources: readonly PeopleLines[]) => Promise<Exclusion>;

/** Opens the exclusion of an account: who has unfollowed, its do-not-send list, and the sources given. */
export function createExcludeAll({ unfollowed, doNotSend }: Parts): ExcludeAll {
  return async (account, sources) => ({
    among: await unfollowed.among(account),
    listed: allOf([await doNotSend.all(account), ...sources]),
  });
}

type Stores = {
  readonly excludeAll: ExcludeAll;
  readonly lists: Pick<Lists, "find" | "read">;
  readonly audiences: Pick<Audiences, "exclusion">;
  readonly gathering: Pick<Gathering, "read">;
};

type Excluding = Pick<Campaign, "account" | "id" | "exclude">;

/**
 * Opens the exclusion of a campaign that is taken in.
 *
 * @throws Failure AUDIENCE_LOST when a part of what it names is gone: nobody is sent to who was to be left out
 */
export function createOpenExclusion({ excludeAll, lists, audiences, gathering }: Stores) {
  return async (campaign: Excluding): Promise<Exclusion> => {
    const { account, exclude } = campaign;
    if (!exclude) return excludeAll(account, []);
    const named = await Promise.all(exclude.lists.map(listOf));
    return excludeAll(account, [await ownOf(campaign, exclude), ...named]);
  };

  async function listOf(id: ListId): Promise<PeopleLines> {
    const list = await lists.find(id);
    if (list?.state !== "ready") throw new Failure("AUDIENCE_LOST", "A list that is to be left out is gone.");
    return { received: list.received, lines: () => lists.read(list) };
  }

  async function ownOf(campaign: Excluding, { openids, tags }: Excluded): Promise<PeopleLines> {
    const own = await audiences.exclusion(campaign);
    const read = tags.map((excludedTag) => gathering.read({ ...campaign, excludedTag }));
    const isWhole = own.received >= openids && (await Promise.all(read)).every(({ done }) => done);
    if (!isWhole) throw new Failure("AUDIENCE_LOST", "People who are to be left out are gone.");
    return own;
  }
}

function allOf(sources: readonly PeopleLines[]): PeopleLines {
  async function* lines() {
    for (const source of sources) yield* source.lines();
  }
  return { received: sources.reduce((sum, { received }) => sum + received, 0), lines };
}
