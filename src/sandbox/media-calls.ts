import { z } from "zod";
import { readArticles } from "./article.ts";
import type { Room } from "./call.ts";
import { fileKindOf } from "./file-kind.ts";
import { imageAddress, readMediaFile } from "./media-file.ts";
import { refuse } from "./refusal.ts";
import type { Settings } from "./settings.ts";

const articleImageBytes = 1024 * 1024;

const UploadedVideo = z.looseObject({
  media_id: z.string().optional(),
  title: z.string().default(""),
  description: z.string().default(""),
});

/** Uploads (WECHAT.md section 2.1). Of a file its size and its first bytes matter, and only they are looked at. */
export function createMediaCalls({ contentLimits }: Pick<Settings, "contentLimits">) {
  return {
    "media/uploadimg": ({ books }, { upload }) => {
      const file = upload?.files.media;
      if (file === undefined) return refuse(41005);
      if (file.bytes.length === 0) return refuse(44001);
      if (file.bytes.length >= articleImageBytes) return refuse(40009);
      const kind = fileKindOf(file.bytes);
      if (kind !== "jpg" && kind !== "png") return refuse(40005);
      books.addArticleImage();
      return { url: imageAddress(kind) };
    },

    "media/upload": ({ media }, call) => {
      const file = readMediaFile(call, "temporary", contentLimits);
      if (typeof file === "number") return refuse(file);
      const { type, bytes } = file;
      const { id, createdAt } = media.add({ type, bytes, permanent: false });
      const name = type === "thumb" ? "thumb_media_id" : "media_id";
      return { type, [name]: id, created_at: seconds(createdAt) };
    },

    "media/uploadvideo": ({ media }, { body }) => {
      if (!body.ok) return refuse(body.errcode);
      const { data } = UploadedVideo.safeParse(body.value);
      if (data === undefined) return refuse(47003);
      const { media_id: given, title, description } = data;
      if (!given) return refuse(41006);
      if (!media.accepts(given, ["video"])) return refuse(40007);
      if ([...title].length > 128) return refuse(45003);
      if ([...description].length > 512) return refuse(45004);
      const { id, createdAt } = media.add({ type: "mpvideo", bytes: 0, permanent: false, title });
      return { type: "video", media_id: id, created_at: seconds(createdAt) };
    },

    "media/uploadnews": ({ media }, { body }) => {
      if (!body.ok) return refuse(body.errcode);
      const articles = readArticles(body.value.articles, { media, contentLimits, thumb: "any" });
      if (typeof articles === "number") return refuse(articles);
      const { id, createdAt } = media.add({ type: "news", bytes: 0, permanent: false, articles });
      return { type: "news", media_id: id, created_at: seconds(createdAt) };
    },
  } satisfies Room;
}

export function seconds(at: number): number {
  return Math.floor(at / 1000);
}
