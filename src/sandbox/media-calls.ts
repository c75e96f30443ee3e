import { randomBytes } from "node:crypto";
import { z } from "zod";
import { readArticles } from "./article.ts";
import type { Call, Room } from "./call.ts";
import { type FileKind, fileKindOf } from "./file-kind.ts";
import type { MediumType } from "./media.ts";
import { refuse } from "./refusal.ts";
import type { Settings } from "./settings.ts";
import type { AccountWorld } from "./world.ts";

const kilobyte = 1024;
const megabyte = 1024 * kilobyte;
const articleImageBytes = megabyte;
const mostOfAType = { image: 100_000, thumb: 100_000, voice: 1000, video: 1000 } as const;

type UploadType = keyof typeof mostOfAType;
/** `errcode` is the refusal of one that is too big. */
type Rule = { bytes: number; errcode: number; temporary: FileKind[]; permanent: FileKind[] };

const rules: Readonly<Record<UploadType, Rule>> = {
  image: {
    bytes: 10 * megabyte,
    errcode: 40009,
    temporary: ["jpg", "png", "gif"],
    permanent: ["bmp", "jpg", "png", "gif"],
  },
  voice: {
    bytes: 2 * megabyte,
    errcode: 40010,
    temporary: ["amr", "mp3"],
    permanent: ["mp3", "wma", "wav", "amr"],
  },
  video: { bytes: 10 * megabyte, errcode: 40011, temporary: ["mp4"], permanent: ["mp4"] },
  thumb: { bytes: 64 * kilobyte, errcode: 40012, temporary: ["jpg"], permanent: ["jpg"] },
};
const smallerImageBytes = 2 * megabyte;

const VideoDescription = z.looseObject({ title: z.string().min(1), introduction: z.string().optional() });
const UploadedVideo = z.looseObject({
  media_id: z.string().optional(),
  title: z.string().default(""),
  description: z.string().default(""),
});

/** Uploads (WECHAT.md section 2.1). Of a file its size and its first bytes matter, and only they are looked at. */
export function createMediaCalls({ contentLimits }: Pick<Settings, "contentLimits">) {
  /** The type and the file of an upload, or the code to refuse it with. */
  const readFile = ({ query, upload }: Call, lasting: "temporary" | "permanent") => {
    const { type = "" } = query;
    if (!isUploadType(type)) return 40004;
    const file = upload?.files.media;
    if (file === undefined) return 41005;
    if (file.bytes.length === 0) return 44001;
    const { bytes, errcode, ...kinds } = rules[type];
    const most = type === "image" && contentLimits === "smaller" ? smallerImageBytes : bytes;
    if (file.bytes.length > most) return errcode;
    const kind = fileKindOf(file.bytes);
    if (kind === undefined || !kinds[lasting].includes(kind)) return 40005;
    return { type, kind, bytes: file.bytes.length };
  };

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
      const file = readFile(call, "temporary");
      if (typeof file === "number") return refuse(file);
      const { type, bytes } = file;
      const { id, createdAt } = media.add({ type, bytes, permanent: false });
      const name = type === "thumb" ? "thumb_media_id" : "media_id";
      return { type, [name]: id, created_at: seconds(createdAt) };
    },

    "material/add_material": ({ media }, call) => {
      const file = readFile(call, "permanent");
      if (typeof file === "number") return refuse(file);
      const { type, bytes, kind } = file;
      const description = type === "video" ? readDescription(call.upload?.fields.description) : undefined;
      if (typeof description === "number") return refuse(description);
      const cap = type === "image" || type === "thumb" ? 45020 : 45034;
      if (media.permanent().filter((one) => one.type === type).length >= mostOfAType[type])
        return refuse(cap);
      const { id } = media.add({ type, bytes, permanent: true, title: description?.title });
      return { media_id: id, ...(type === "image" ? { url: imageAddress(kind) } : {}) };
    },

    "material/del_material": ({ media, menu }, { body }) => {
      if (!body.ok) return refuse(body.errcode);
      const medium = findGiven(media, body.value.media_id);
      if (typeof medium === "number") return refuse(medium);
      if (medium.expiresAt !== null || medium.type === "draft") return refuse(40007);
      if (menu.uses(medium.id)) return refuse(48005);
      media.delete(medium);
      return refuse(0);
    },

    "material/get_materialcount": ({ media }) => {
      const count = (...types: MediumType[]) =>
        media.permanent().filter(({ type }) => types.includes(type)).length;
      return {
        voice_count: count("voice"),
        video_count: count("video"),
        image_count: count("image", "thumb"),
        news_count: count("news"),
      };
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

/** A medium by the `media_id` of a body, or the code to refuse it with. */
export function findGiven(media: AccountWorld["media"], given: unknown) {
  if (typeof given !== "string" || given === "") return 41006;
  return media.find(given) ?? 40007;
}

export function seconds(at: number): number {
  return Math.floor(at / 1000);
}

/** On the host by which everybody knows WeChat's own pictures. */
function imageAddress(kind: FileKind): string {
  return `http://mmbiz.qpic.cn/mmbiz_${kind}/${randomBytes(30).toString("base64url")}/0`;
}

function readDescription(text: string | undefined) {
  if (text === undefined) return 47003;
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return 47001;
  }
  return VideoDescription.safeParse(given).data ?? 47003;
}

function isUploadType(type: string): type is UploadType {
  return Object.hasOwn(rules, type);
}
