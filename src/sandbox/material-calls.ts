import { z } from "zod";
import type { Room } from "./call.ts";
import { findGiven, type MediumType } from "./media.ts";
import { seconds } from "./media-calls.ts";
import { imageAddress, readMediaFile } from "./media-file.ts";
import { refuse } from "./refusal.ts";
import type { Settings } from "./settings.ts";

const mostOfAType = { image: 100_000, thumb: 100_000, voice: 1000, video: 1000 } as const;

const VideoDescription = z.looseObject({ title: z.string().min(1), introduction: z.string().optional() });
const Page = z.looseObject({
  type: z.enum(["image", "voice", "video", "news"]),
  offset: z.number().int().min(0),
  count: z.number().int().min(1).max(20),
});

/** What an account keeps for good (WECHAT.md section 2.1). */
export function createMaterialCalls({ contentLimits }: Pick<Settings, "contentLimits">) {
  return {
    "material/add_material": ({ media }, call) => {
      const file = readMediaFile(call, "permanent", contentLimits);
      if (typeof file === "number") return refuse(file);
      const { type, bytes, kind, name } = file;
      const description = type === "video" ? readDescription(call.upload?.fields.description) : undefined;
      if (typeof description === "number") return refuse(description);
      const cap = type === "image" || type === "thumb" ? 45020 : 45034;
      if (media.permanent().filter((one) => one.type === type).length >= mostOfAType[type])
        return refuse(cap);
      const url = type === "image" ? imageAddress(kind) : undefined;
      const { id } = media.add({ type, bytes, permanent: true, name, title: description?.title, url });
      return { media_id: id, ...(url === undefined ? {} : { url }) };
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

    "material/batchget_material": ({ media }, { body }) => {
      if (!body.ok) return refuse(body.errcode);
      const { data } = Page.safeParse(body.value);
      if (data === undefined) return refuse(40097);
      const { type, offset, count } = data;
      const all = media.permanent().filter((medium) => medium.type === type);
      const item = all
        .reverse()
        .slice(offset, offset + count)
        .map(({ id, name, updatedAt, url }) => ({
          media_id: id,
          name,
          update_time: seconds(updatedAt),
          ...(url === undefined ? {} : { url }),
        }));
      return { total_count: all.length, item_count: item.length, item };
    },
  } satisfies Room;
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
