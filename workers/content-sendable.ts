import { randomUUID } from "node:crypto";
import type { Account } from "../src/campaign/account.ts";
import type { CampaignId } from "../src/campaign/campaign-id.ts";
import { digestOf } from "../src/campaign/digest.ts";
import { type Prepared, type ReadyArticle, SENDABLE_MS } from "../src/campaign/prepared.ts";
import type { Clock } from "../src/clock.ts";
import type { MediaName } from "../src/store/keys.ts";
import type { Media } from "../src/store/media-memory.ts";
import type { CountedReply } from "../src/wechat/api.ts";
import type { Called, ContentCall } from "./content-call.ts";
import type { ContentUpload, Uploaded } from "./content-upload.ts";

/** The calls that make of uploaded material what can be sent; `wechat/media.ts` makes them. */
export type SendableCalls = {
  readonly describeVideo: (video: {
    readonly mediaId: string;
    readonly title: string;
    readonly description: string;
  }) => Promise<CountedReply<{ readonly mediaId: string }>>;
  readonly addDraft: (
    articles: readonly ReadyArticle[],
  ) => Promise<CountedReply<{ readonly mediaId: string }>>;
  readonly uploadNews: (
    articles: readonly ReadyArticle[],
  ) => Promise<CountedReply<{ readonly mediaId: string }>>;
};

/** Whose content it is. */
export type Owner = { readonly account: Account; readonly campaign: CampaignId };

type Video = Pick<Extract<Prepared, { as: "video" }>, "permanentId" | "title" | "description">;

type Parts = {
  readonly sendablesOf: (account: string) => SendableCalls;
  readonly call: ContentCall;
  readonly once: ContentUpload["once"];
  readonly drop: (name: MediaName, media: Media) => Promise<unknown>;
  readonly clock: Clock;
};

/** `not`: what was made before and is no good any more, though it be remembered. */
type Anew = { readonly not?: string | undefined };

/**
 * Makes what a send names: a draft, or the id of uploadnews or uploadvideo. A draft is made anew each time, for a
 * success uses it up; the others are remembered while they are valid, and it counts from before the call.
 */
export function createSendable({ sendablesOf, call, once, drop, clock }: Parts) {
  /** Remembered under this name while it can be sent. */
  async function lasting(
    name: MediaName,
    { not }: Anew,
    make: () => Promise<Called<{ readonly mediaId: string }>>,
  ): Promise<Called<Uploaded & { readonly until: number }>> {
    if (not !== undefined) await drop(name, { mediaId: not });
    const made = await once(name, async () => {
      const until = clock.now() + SENDABLE_MS;
      const called = await make();
      if (called.kind !== "done") return called;
      return { kind: "done", value: { media: { mediaId: called.value.mediaId }, until } };
    });
    if (made.kind !== "done") return made;
    return { kind: "done", value: { ...made.value, until: made.value.until ?? clock.now() } };
  }

  return {
    async video({ account }: Owner, video: Video, anew: Anew = {}): Promise<Called<Prepared>> {
      const { permanentId: mediaId, title, description } = video;
      const name = { account: account.id, kind: "mpvideo", sha256: digestOf(video) };
      const unit = { api: "upload", name: `mpvideo/${name.sha256.slice(0, 16)}` } as const;
      const made = await lasting(name, anew, () =>
        call(account, unit, () => sendablesOf(account.id).describeVideo({ mediaId, title, description })),
      );
      if (made.kind !== "done") return made;
      const { media, until } = made.value;
      const mpvideo = { media_id: idIn(media), title, ...(description !== "" && { description }) };
      return {
        kind: "done",
        value: { as: "video", message: { msgtype: "mpvideo", mpvideo }, until, ...video },
      };
    },

    /** By the way that the account is set to. */
    async articles(
      { account, campaign }: Owner,
      articles: readonly ReadyArticle[],
      anew: Anew = {},
    ): Promise<Called<Prepared>> {
      const calls = sendablesOf(account.id);
      if (account.articles !== "uploadnews") {
        // No two drafts share a unit: each batch has one of its own.
        const unit = { api: "upload", name: `draft/${campaign}/${randomUUID()}` } as const;
        const called = await call(account, unit, () => calls.addDraft(articles));
        if (called.kind !== "done") return called;
        return { kind: "done", value: { as: "draft", message: newsMessage(called.value.mediaId) } };
      }
      // The campaign is part of its name, so that a crash takes none of the day's ten, and no other campaign shares it.
      const name = { account: account.id, kind: "news", sha256: digestOf({ campaign, articles }) };
      const unit = { api: "uploadNews", name: `news/${campaign}` } as const;
      const made = await lasting(name, anew, () => call(account, unit, () => calls.uploadNews(articles)));
      if (made.kind !== "done") return made;
      const { media, until } = made.value;
      return { kind: "done", value: { as: "news", message: newsMessage(idIn(media)), until } };
    },
  };
}

export type Sendable = ReturnType<typeof createSendable>;

function newsMessage(mediaId: string): Prepared["message"] {
  return { msgtype: "mpnews", mpnews: { media_id: mediaId } };
}

function idIn(media: Media): string {
  if ("mediaId" in media) return media.mediaId;
  throw new Error("an address was remembered as what can be sent");
}
