import { z } from "zod";

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
  });
const mpvideo = z.strictObject({
  msgtype: z.literal("mpvideo"),
  mpvideo: z.strictObject({
    media_id: z.string().min(1),
    title: prose.optional(),
    description: prose.optional(),
  }),
});
const wxcard = z.strictObject({
  msgtype: z.literal("wxcard"),
  wxcard: z.strictObject({ card_id: z.string().min(1), card_ext: z.string().optional() }),
});

/**
 * A message as WeChat's mass/send takes it: its msgtype and the one object of that name, media already
 * uploaded (WECHAT.md sections 2.2 and 2.3). A body that does not belong to its msgtype is refused.
 */
export const Message = z.discriminatedUnion("msgtype", [text, mpnews, voice, image, mpvideo, wxcard]);
export type Message = z.infer<typeof Message>;
