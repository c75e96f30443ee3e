import { randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { Article } from "./article.ts";

const temporaryMs = 3 * 24 * 3_600_000;
const mostMedia = 10_000;
const mostSent = 10_000;

/** `mpvideo` comes from uploadvideo, `news` from uploadnews. */
export type MediumType = "image" | "voice" | "video" | "thumb" | "mpvideo" | "news" | "draft";

export type Medium = {
  readonly id: string;
  readonly account: string;
  readonly type: MediumType;
  /** Null for what stays. */
  readonly expiresAt: number | null;
  readonly createdAt: number;
  updatedAt: number;
  readonly title: string | undefined;
  /** Of its file. */
  readonly name: string | undefined;
  /** Of a picture that stays. */
  readonly url: string | undefined;
  readonly bytes: number;
  articles: readonly Article[];
  /** Deleted, or a draft that was sent: that one's message lives on as msg_data_id. */
  gone: boolean;
};

export type MediaShelf = Map<string, Medium>;
export type Media = ReturnType<typeof createMedia>;

/**
 * What one account uploaded (WECHAT.md section 2.1). All accounts share the shelf, so that an id of one is known,
 * and refused, to the others. With `mustExist` false an id that nobody was ever given counts as a good one,
 * unless it begins with `missing`.
 */
export function createMedia(options: {
  account: string;
  shelf: MediaShelf;
  clock: Clock;
  mustExist: boolean;
}) {
  const { account, shelf, clock, mustExist } = options;
  /** Messages that were sent, by their msg_data_id, with the draft that each was. */
  const sent = new Map<string, { material: string; articles: number }>();

  /** What is temporary or gone, oldest first. */
  const passing = new Set<string>();

  const list = () => [...shelf.values()].filter((medium) => medium.account === account && !medium.gone);
  const isGood = (medium: Medium) =>
    medium.account === account &&
    !medium.gone &&
    (medium.expiresAt === null || clock.now() < medium.expiresAt);

  const find = (id: string): Medium | undefined => {
    const medium = shelf.get(id);
    return medium !== undefined && isGood(medium) ? medium : undefined;
  };

  /** Whether an id may stand where one of these types is wanted. */
  const accepts = (id: string, types: readonly MediumType[], { permanent = false } = {}): boolean => {
    const medium = shelf.get(id);
    if (medium === undefined) return !mustExist && !id.startsWith("missing");
    return isGood(medium) && types.includes(medium.type) && (!permanent || medium.expiresAt === null);
  };

  const mayBeForgotten = (id: string): void => {
    passing.add(id);
    const [oldest = ""] = passing;
    if (passing.size <= mostMedia) return;
    passing.delete(oldest);
    shelf.delete(oldest);
  };

  /** Its id is remembered for long, so that it is not taken for one that nobody was ever given. */
  const remove = (medium: Medium): void => {
    medium.gone = true;
    medium.articles = [];
    mayBeForgotten(medium.id);
  };

  return {
    add(
      medium: Pick<Medium, "type" | "bytes"> & {
        permanent: boolean;
        title?: string | undefined;
        name?: string | undefined;
        url?: string | undefined;
        articles?: readonly Article[];
      },
    ): Medium {
      const { permanent, title, name, url, articles = [], ...rest } = medium;
      const now = clock.now();
      const added: Medium = {
        ...rest,
        id: randomBytes(48).toString("base64url"),
        account,
        createdAt: now,
        updatedAt: now,
        expiresAt: permanent ? null : now + temporaryMs,
        title,
        name,
        url,
        articles,
        gone: false,
      };
      shelf.set(added.id, added);
      if (!permanent) mayBeForgotten(added.id);
      return added;
    },

    /** One that may be used now. */
    find,
    /** What stays and is no draft, or the drafts. */
    permanent: () => list().filter((medium) => medium.expiresAt === null && medium.type !== "draft"),
    drafts: () => list().filter((medium) => medium.type === "draft"),
    list,

    accepts,
    /** The same for the articles of a message, which a sent one's msg_data_id names as well. */
    acceptsArticles: (id: string): boolean => sent.has(id) || accepts(id, ["draft", "news"]),

    /** How many articles an id stands for; a made-up one for one. */
    articlesOf: (id: string): number => sent.get(id)?.articles ?? shelf.get(id)?.articles.length ?? 1,

    /** What a mass message was made of: for a msg_data_id the draft that it once was. */
    materialOf: (id: string): string => sent.get(id)?.material ?? id,
    wasSentAs: (id: string): number | undefined => (sent.has(id) ? Number(id) : undefined),

    /** A draft is used up by its first successful send. */
    spend(id: string, msgDataId: number): void {
      const key = String(msgDataId);
      const medium = shelf.get(id);
      if (!sent.has(key)) sent.set(key, { material: id, articles: medium?.articles.length ?? 1 });
      const [oldest = ""] = sent.keys();
      if (sent.size > mostSent) sent.delete(oldest);
      if (medium?.type === "draft") remove(medium);
    },

    delete: remove,
  };
}

/** A medium by the `media_id` of a body, or the code to refuse it with. */
export function findGiven(media: Media, given: unknown) {
  if (typeof given !== "string" || given === "") return 41006;
  return media.find(given) ?? 40007;
}
