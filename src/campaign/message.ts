import { z } from "zod";
import { either } from "./either.ts";

/**
 * WeChat takes raw UTF-8 only: what JSON can write in no other way than as an escape (control characters,
 * halves of a surrogate pair) it refuses or shows literally (WECHAT.md, common transport rules).
 */
export const prose = z
  .string()
  .refine(
    (text) => text.isWellFormed() && !hasControlCharacter(text),
    "expected text without control characters",
  );

function hasControlCharacter(text: string): boolean {
  return /[\p{Cc}]/u.test(text.replace(/[\n\r\t]/g, ""));
}

const media = z.strictObject({ media_id: z.string().min(1) });
export const flag = z.union([z.literal(0), z.literal(1)], { error: "expected 0 or 1" });

const text = z.strictObject({
  msgtype: z.literal("text"),
  text: z.strictObject({ content: prose.min(1) }),
});
const mpnews = z.strictObject({ msgtype: z.literal("mpnews"), mpnews: media });
const voice = z.strictObject({ msgtype: z.literal("voice"), voice: media });
const image = z
  .strictObject({
    msgtype: z.literal("image"),
    image: media.optional(),
    images: z
      .strictObject({
        media_ids: z.array(z.string().min(1)).min(1),
        recommend: prose.optional(),
        title: prose.optional(),
        need_open_comment: flag.optional(),
        only_fans_can_comment: flag.optional(),
      })
      .optional(),
  })
  .refine(({ image, images }) => (image === undefined) !== (images === undefined), {
    message: "expected either image (one picture) or images (several)",
  })
  .meta(either("image", "images"));
const film = z.strictObject({
  media_id: z.string().min(1),
  title: prose.optional(),
  description: prose.optional(),
});

/**
 * WeChat's pages and tools call a video `mpvideo` or `video`, the object as well as the msgtype. Both are
 * taken, in any pairing, and it is `mpvideo` from then on: no source doubts that WeChat takes that pair.
 */
const mpvideo = z
  .strictObject({
    msgtype: z.enum(["mpvideo", "video"]),
    mpvideo: film.optional(),
    video: film.optional(),
  })
  .transform(({ mpvideo, video, ...others }, context) => {
    const film = mpvideo ?? video;
    if (film && !(mpvideo && video)) return { msgtype: "mpvideo" as const, mpvideo: film };
    const message = film ? "expected either mpvideo or video" : "expected an object";
    context.addIssue({ code: "custom", path: [others.msgtype], message });
    return z.NEVER;
  });

const wxcard = z.strictObject({
  msgtype: z.literal("wxcard"),
  wxcard: z.strictObject({ card_id: z.string().min(1), card_ext: z.string().optional() }),
});
const music = z.strictObject({ msgtype: z.literal("music"), music: media });

/** Of a msgtype that no message has: those that may stand there, those that are refused not among them. */
function unknownType(known: string): z.core.$ZodErrorMap {
  return ({ code }) => (code === "invalid_union" ? `expected ${known}` : undefined);
}

/** A msgtype that is told apart from a mistyped one, and refused with the reason. */
function previewOnly(msgtype: "wxcard" | "music", message: string) {
  return z
    .looseObject({ msgtype: z.literal(msgtype) })
    .meta({ refused: true })
    .transform((_, context) => {
      context.addIssue({ code: "custom", path: ["msgtype"], message });
      return z.NEVER;
    });
}

/**
 * A message as WeChat's mass/send takes it: its msgtype and the one object of that name, media already
 * uploaded (WECHAT.md sections 2.2 and 2.3). A body that does not belong to its msgtype is refused.
 *
 * So are two types that only a preview takes. WeChat answers 45113 to every `wxcard` by now, which would cost
 * a call of the day's quota; `music` is in its list of msgtypes, but no page has an object for it.
 */
export const Message = z.discriminatedUnion(
  "msgtype",
  [
    text,
    mpnews,
    voice,
    image,
    mpvideo,
    previewOnly("wxcard", "WeChat sends no cards any more (45113)"),
    previewOnly("music", "WeChat previews music, but has no mass message for it"),
  ],
  { error: unknownType("text, mpnews, image, voice or mpvideo") },
);
export type Message = z.infer<typeof Message>;

/**
 * A message as WeChat's mass/preview takes it (WECHAT.md section 2.4): of pictures a single one, and beside
 * the types of a send `music` and `wxcard`. That music has a media_id, as voice has, no page says outright.
 */
export const PreviewMessage = z.discriminatedUnion("msgtype", [
  text,
  mpnews,
  voice,
  z.strictObject({ msgtype: z.literal("image"), image: media }),
  mpvideo,
  music,
  wxcard,
]);
export type PreviewMessage = z.infer<typeof PreviewMessage>;
