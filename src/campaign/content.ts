import { z } from "zod";
import { picturesIn } from "./article-html.ts";
import { either } from "./either.ts";
import { MediaSource, MediaUrl, oneSource, readAddress, sourceFields } from "./media-source.ts";
import { flag, Message, prose } from "./message.ts";
import { plainly } from "./plain-issue.ts";

/**
 * Limits of WECHAT.md section 2.1, those of draft/add: they are the smaller ones. A title has 32 characters there
 * and 64 for uploadnews; an article up to 8 of both (older pages: 10). Of the content both pages say less than
 * 20,000 characters, which in UTF-8 is always less than the 1 MB said beside it; "about 10,000" stands on one page
 * of uploadnews only, as no limit. Characters are counted as UTF-16 has them, so never fewer than WeChat can count.
 */
export const CONTENT_MAX = 19_999;
const ARTICLES_MAX = 8;
/** Our own bound: every picture is a fetch and an upload. */
const PICTURES_MAX = 100;
const IMAGES_MAX = 20;

const upTo = (most: number) => prose.max(most, `expected at most ${most} characters`);
const someUpTo = (most: number) => upTo(most).min(1, "expected some text");
const switched = z.union([flag, z.boolean().transform((on): 0 | 1 => (on ? 1 : 0))], {
  error: "expected 0 or 1",
});

const Html = someUpTo(CONTENT_MAX).superRefine((html, context) => {
  // What is too long anyway is not parsed: it may be as long as a body, and HTML can be made to take long.
  if (html.length > CONTENT_MAX) return;
  const pictures = picturesIn(html);
  const refuse = (message: string) => context.addIssue({ code: "custom", message });
  if (pictures.length > PICTURES_MAX) refuse(`expected at most ${PICTURES_MAX} pictures`);
  for (const { number, source } of pictures.slice(0, PICTURES_MAX)) {
    if (source !== undefined) continue;
    refuse(`picture ${number}: expected https://… or upload:<uploadId> (no data:, no path) as its src`);
  }
});

/** As an address, like those of pictures, or as the fields of a source. */
const Cover = z
  .preprocess(
    (value) => (typeof value === "string" ? (readAddress(value) ?? { url: value }) : value),
    MediaSource,
  )
  .meta({ like: [MediaUrl, MediaSource] });

const SourceUrl = z
  .url({ protocol: /^https?$/, error: "expected an http or https address" })
  .refine((url) => Buffer.byteLength(url) <= 1_024, "expected at most 1024 bytes");

export const Article = z.strictObject({
  title: someUpTo(32),
  author: upTo(16).exactOptional(),
  /** WeChat shows it of a single article; left out, it takes the first 54 characters of the text. */
  digest: upTo(120).exactOptional(),
  content: Html,
  cover: Cover,
  /** "Read the original". */
  sourceUrl: SourceUrl.exactOptional(),
  needOpenComment: switched.exactOptional(),
  onlyFansCanComment: switched.exactOptional(),
});
export type Article = z.infer<typeof Article>;

const articles = z.strictObject({
  msgtype: z.literal("mpnews"),
  // Their number is checked before their content is.
  articles: z
    .array(z.unknown().meta({ like: [Article] }), { error: "expected a list of articles" })
    .min(1, "expected at least one article")
    .max(ARTICLES_MAX, `expected at most ${ARTICLES_MAX} articles`)
    .pipe(z.array(Article)),
});

const image = z
  .strictObject({
    msgtype: z.literal("image"),
    image: MediaSource.optional(),
    images: z
      .strictObject({
        items: z
          .array(MediaSource, { error: "expected a list of pictures" })
          .min(1, "expected at least one picture")
          .max(IMAGES_MAX, `expected at most ${IMAGES_MAX} pictures`),
        recommend: prose.optional(),
        title: prose.optional(),
        needOpenComment: switched.optional(),
        onlyFansCanComment: switched.optional(),
      })
      .optional(),
  })
  .refine(({ image, images }) => (image === undefined) !== (images === undefined), {
    message: "expected either image (one picture) or images (several)",
  })
  .meta(either("image", "images"));

const voice = z.strictObject({ msgtype: z.literal("voice"), voice: MediaSource });

const mpvideo = z.strictObject({
  msgtype: z.literal("mpvideo"),
  mpvideo: z
    .strictObject({ ...sourceFields, title: someUpTo(128), description: upTo(512).optional() })
    .transform(({ url, uploadId, ...words }, context) => ({
      ...oneSource(url, uploadId, context),
      ...words,
    })),
});

/**
 * A message that brings what WeChat has to be given first: articles with their pictures, or an image, voice or
 * video by its source, in place of a media_id. `workers/content.ts` makes a `Message` of it. What it parses to
 * parses to the same again.
 */
export const ContentMessage = z.discriminatedUnion("msgtype", [articles, image, voice, mpvideo]);
export type ContentMessage = z.infer<typeof ContentMessage>;

/** Whether data that should be a message brings content, rightly or not: which schema shall judge it. */
export function bringsContent(data: unknown): boolean {
  const { articles, image, images, voice, mpvideo } = recordOf(data);
  const named = [image, voice, mpvideo].flatMap((media) => Object.keys(recordOf(media)));
  return (
    articles !== undefined ||
    recordOf(images).items !== undefined ||
    named.some((name) => name === "url" || name === "uploadId")
  );
}

/** Whether a message that has been parsed is content. */
export function isContent(message: Message | ContentMessage): message is ContentMessage {
  return bringsContent(message);
}

/** Either kind of message, each judged by its own schema alone, so that an error says what was meant. */
export const AnyMessage = z
  .unknown()
  .meta({ like: [Message, ContentMessage] })
  .transform((data, context): Message | ContentMessage => {
    const parsed = (bringsContent(data) ? ContentMessage : Message).safeParse(data, { error: plainly });
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues)
      context.issues.push({ ...issue, input: data } as z.core.$ZodRawIssue);
    return z.NEVER;
  });

function recordOf(data: unknown): Readonly<Record<string, unknown>> {
  return typeof data === "object" && data !== null ? (data as Record<string, unknown>) : {};
}
