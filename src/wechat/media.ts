import { FormData } from "undici";
import { z } from "zod";
import type { Clock } from "../clock.ts";
import { type CountedReply, createApi } from "./api.ts";
import { type Article, wireArticle } from "./article.ts";
import type { Call } from "./client.ts";
import type { Tokens } from "./with-token.ts";

/** A file as WeChat gets it. It judges by the name's ending as well as by the bytes. */
export type MediaFile = { readonly name: string; readonly contentType: string; readonly bytes: Uint8Array };

export type MediaType = "image" | "voice" | "video" | "thumb";

/** `createdAt` in milliseconds: WeChat's own time, or ours where it gives none. Temporary media live 3 days from then. */
export type CreatedMedia = { readonly mediaId: string; readonly createdAt: number };

const text = z.string().min(1);
const seconds = z.union([z.number().positive(), z.string().regex(/^\d+$/).transform(Number)]);

export type Media = ReturnType<typeof createMedia>;

/**
 * What a message needs to be at WeChat before it is sent: files, articles, drafts (WECHAT.md section 2.1).
 * Every call costs a unit of what the account may do in a day; see {@link CountedReply}. Made again, one
 * leaves a second copy behind, and no other harm.
 */
export function createMedia(parts: { call: Call; token: Tokens; clock: Clock }) {
  const { askOnce } = createApi(parts);

  const Created = z
    .object({
      media_id: text.optional(),
      // Of a thumb the id may come under a name of its own.
      thumb_media_id: text.optional(),
      created_at: seconds.optional().catch(undefined),
    })
    .transform(({ media_id, thumb_media_id, created_at }, context): CreatedMedia => {
      const mediaId = media_id ?? thumb_media_id;
      if (mediaId === undefined) {
        context.addIssue({ code: "custom", path: ["media_id"], message: "missing" });
        return z.NEVER;
      }
      return { mediaId, createdAt: created_at === undefined ? parts.clock.now() : created_at * 1000 };
    });

  return {
    /** A picture inside an article, jpg or png below 1 MB; the address works in articles only. */
    uploadArticleImage(file: MediaFile): Promise<CountedReply<{ readonly url: string }>> {
      return askOnce({ path: "/cgi-bin/media/uploadimg", form: formOf(file) }, z.object({ url: text }));
    },

    /** A file that WeChat keeps for 3 days. */
    uploadTemporary(type: MediaType, file: MediaFile): Promise<CountedReply<CreatedMedia>> {
      return askOnce({ path: "/cgi-bin/media/upload", query: { type }, form: formOf(file) }, Created);
    },

    /** A file that stays until it is deleted; a video has a title and an introduction. `url` of images only. */
    addPermanent(
      type: MediaType,
      file: MediaFile,
      video?: { readonly title: string; readonly introduction: string },
    ): Promise<CountedReply<{ readonly mediaId: string; readonly url?: string }>> {
      const form = formOf(file);
      if (video) {
        const { title, introduction } = video;
        form.set("description", JSON.stringify({ title, introduction }));
      }
      return askOnce({ path: "/cgi-bin/material/add_material", query: { type }, form }, Added);
    },

    /** Makes of an uploaded video the one that a mass message takes, with a media_id of its own. */
    describeVideo({
      mediaId,
      title,
      description,
    }: {
      readonly mediaId: string;
      readonly title: string;
      readonly description: string;
    }): Promise<CountedReply<CreatedMedia>> {
      const body = JSON.stringify({ media_id: mediaId, title, description });
      return askOnce({ path: "/cgi-bin/media/uploadvideo", body }, Created);
    },

    /** A draft: its media_id is what an `mpnews` sends, and works until it has been sent. */
    addDraft(articles: readonly Article[]): Promise<CountedReply<{ readonly mediaId: string }>> {
      return askOnce({ path: "/cgi-bin/draft/add", body: bodyOf(articles) }, Drafted);
    },

    /** The way before drafts, for accounts that still have it: `articles: "uploadnews"` in the accounts file. */
    uploadNews(articles: readonly Article[]): Promise<CountedReply<CreatedMedia>> {
      return askOnce({ path: "/cgi-bin/media/uploadnews", body: bodyOf(articles) }, Created);
    },
  };
}

const Drafted = z.object({ media_id: text }).transform(({ media_id }) => ({ mediaId: media_id }));

const Added = z
  .object({ media_id: text, url: z.string().optional().catch(undefined) })
  .transform(({ media_id, url }) => ({ mediaId: media_id, ...(url && { url }) }));

function bodyOf(articles: readonly Article[]): string {
  return JSON.stringify({ articles: articles.map(wireArticle) });
}

/** The one field that all of WeChat's uploads have. */
function formOf({ name, contentType, bytes }: MediaFile): FormData {
  const form = new FormData();
  form.set("media", new File([bytes], name, { type: contentType }));
  return form;
}
