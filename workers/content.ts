import type { ContentMessage } from "../src/campaign/content.ts";
import type { Prepared } from "../src/campaign/prepared.ts";
import type { Clock } from "../src/clock.ts";
import { Failure } from "../src/failure.ts";
import type { Contents } from "../src/store/contents.ts";
import type { MediaMemory } from "../src/store/media-memory.ts";
import type { WechatError } from "../src/wechat/answer.ts";
import { type Called, type ContentUnits, createContentCall, type Made } from "./content-call.ts";
import {
  type ContentFile,
  contentRefused,
  createContentFiles,
  type FileParts,
  keyOf,
  shownSource,
} from "./content-file.ts";
import { idOf, imageMessage, readyArticles, wantedBy } from "./content-message.ts";
import { createSendable, type Owner, type SendableCalls } from "./content-sendable.ts";
import { createContentUpload, type UploadCalls, type Uploaded, type Words } from "./content-upload.ts";

export type MediaCalls = UploadCalls & SendableCalls;

type Parts = FileParts & {
  readonly mediaOf: (account: string) => MediaCalls;
  readonly memory: MediaMemory;
  readonly contents: Pick<Contents, "keepArticles" | "readArticles">;
  readonly units: ContentUnits;
  readonly remedyOf: (errcode: number) => string | undefined;
  readonly clock: Clock;
  readonly leaseMs?: number;
};

/** Takes a line for the job's log. */
type Note = (line: string) => Promise<unknown>;

/** A media_id that WeChat does not know: it has run out, was used up, or was deleted by a person. */
const UNKNOWN_MEDIA = 40007;

/**
 * Turns content into a message: every file is read and checked, then each is uploaded once, pictures of articles get
 * their new addresses, and a draft (or what the account is set to) is made. Every step may be repeated, and a repeat
 * uploads nothing again. What stops it for now is answered (`Pause`); nothing was sent then.
 *
 * Both throw Failure CONTENT_REFUSED for what can't be sent ever: the message names each file that does not fit with
 * its address and size, or what WeChat refused (details: `errors`; `errcode` and `rid` where WeChat spoke).
 */
export function createContent(parts: Parts) {
  const { mediaOf, memory, contents } = parts;
  const readFiles = createContentFiles(parts);
  const call = createContentCall(parts);
  const { once, upload } = createContentUpload({ ...parts, uploadsOf: mediaOf, call });
  const sendable = createSendable({ ...parts, sendablesOf: mediaOf, call, once, drop: memory.drop });

  /** Uploads what is not there yet; what WeChat refused is thrown. */
  async function uploadAll({ account }: Owner, files: readonly ContentFile[], words?: Words) {
    const became = new Map<string, Uploaded>();
    for (const file of files) {
      const uploaded = await upload(account, file, words);
      if (uploaded.kind === "refused") throw refusal(file.place, uploaded.error, shownSource(file.source));
      if (uploaded.kind !== "done") return uploaded;
      became.set(keyOf(file), uploaded.value);
    }
    return { kind: "done", value: became } as const;
  }

  async function makeOf(
    owner: Owner,
    content: ContentMessage,
    became: ReadonlyMap<string, Uploaded>,
  ): Promise<Called<Prepared>> {
    switch (content.msgtype) {
      case "mpnews": {
        const articles = readyArticles(content.articles, became);
        await contents.keepArticles({ account: owner.account.id, id: owner.campaign }, articles);
        return sendable.articles(owner, articles);
      }
      case "mpvideo": {
        const { title, description = "", ...source } = content.mpvideo;
        const permanentId = idOf(became, { kind: "video", source });
        return sendable.video(owner, { permanentId, title, description });
      }
      case "voice": {
        const media_id = idOf(became, { kind: "voice", source: content.voice });
        return { kind: "done", value: { as: "media", message: { msgtype: "voice", voice: { media_id } } } };
      }
      case "image":
        return { kind: "done", value: { as: "media", message: imageMessage(content, became) } };
    }
  }

  return {
    /**
     * The message of a campaign's content, made for its first batch. `anew`: WeChat does not know any more what was
     * uploaded, so what is remembered of its files is forgotten.
     */
    async prepare(
      owner: Owner,
      content: ContentMessage,
      note: Note,
      { anew = false } = {},
    ): Promise<Made<Prepared>> {
      const read = await readFiles(wantedBy(content));
      if (read.kind !== "done") return read;
      for (let mayForget = true; ; mayForget = false) {
        const uploaded = await uploadAll(owner, read.value, wordsOf(content));
        if (uploaded.kind !== "done") return uploaded;
        const all = [...uploaded.value.values()];
        const remembered = all.filter(({ isNew, media }) => !isNew && "mediaId" in media);
        if (!anew || !mayForget) {
          const made = await makeOf(owner, content, uploaded.value);
          if (made.kind !== "refused") {
            const news = all.filter(({ isNew }) => isNew).length;
            await note(`Content: ${all.length} files, ${news} of them uploaded now.`);
            return made;
          }
          if (!mayForget || made.error.errcode !== UNKNOWN_MEDIA || remembered.length === 0)
            throw refusal("message", made.error);
        }
        await Promise.all(remembered.map(({ name, media }) => memory.drop(name, media)));
      }
    },

    /**
     * The same content once more: for another batch, or because what was made has run out or is not known to WeChat
     * any more. Permanent material is as it was.
     */
    async renew(owner: Owner, prepared: Prepared): Promise<Made<Prepared>> {
      if (prepared.as === "media") return { kind: "done", value: prepared };
      const made = await remake(owner, prepared);
      if (made.kind === "refused") throw refusal("message", made.error);
      return made;
    },
  };

  async function remake(
    owner: Owner,
    prepared: Exclude<Prepared, { as: "media" }>,
  ): Promise<Called<Prepared>> {
    if (prepared.as === "video") {
      const { permanentId, title, description, message } = prepared;
      const not = message.msgtype === "mpvideo" ? message.mpvideo.media_id : undefined;
      return sendable.video(owner, { permanentId, title, description }, { not });
    }
    const articles = await contents.readArticles({ account: owner.account.id, id: owner.campaign });
    if (!articles) throw new Failure("CONTENT_REFUSED", "message.articles: the stored articles are gone");
    const not = prepared.message.msgtype === "mpnews" ? prepared.message.mpnews.media_id : undefined;
    return sendable.articles(owner, articles, { not });
  }
}

export type Content = ReturnType<typeof createContent>;

function wordsOf(content: ContentMessage): Words | undefined {
  if (content.msgtype !== "mpvideo") return undefined;
  const { title, description = "" } = content.mpvideo;
  return { title, introduction: description };
}

/** What WeChat said of one item; all of the content where it did not say of which. */
function refusal(place: string, { errcode, message, rid }: WechatError, shown?: string): Failure {
  const code = errcode === undefined ? "" : ` (${errcode})`;
  const said = `${shown === undefined ? "" : `${shown}: `}WeChat refused it: ${message}${code}`;
  const details = { ...(errcode !== undefined && { errcode }), ...(rid !== undefined && { rid }) };
  return contentRefused([{ path: place, message: said }], details);
}
