import { picturesIn, replacePictures } from "../src/campaign/article-html.ts";
import { CONTENT_MAX, type ContentMessage } from "../src/campaign/content.ts";
import type { Message } from "../src/campaign/message.ts";
import type { ReadyArticle } from "../src/campaign/prepared.ts";
import { contentRefused, keyOf, type Wanted } from "./content-file.ts";
import type { Uploaded } from "./content-upload.ts";

/** What each file of a content became, by `keyOf`. */
export type Became = ReadonlyMap<string, Pick<Uploaded, "media">>;

type Articles = Extract<ContentMessage, { msgtype: "mpnews" }>["articles"];

/** Every file that content needs, in its order, with its place as a producer wrote it. */
export function wantedBy(content: ContentMessage): readonly Wanted[] {
  switch (content.msgtype) {
    case "mpnews":
      return content.articles.flatMap(({ cover, content }, index): Wanted[] => {
        const place = `message.articles.${index}`;
        const pictures = picturesIn(content).flatMap(({ source, number }): Wanted[] =>
          source === undefined || source === "wechat"
            ? []
            : [{ place: `${place}.content: picture ${number}`, kind: "picture", source }],
        );
        return [{ place: `${place}.cover`, kind: "cover", source: cover }, ...pictures];
      });
    case "image": {
      const { image, images } = content;
      if (image) return [{ place: "message.image", kind: "image", source: image }];
      return (images?.items ?? []).map((source, index) => ({
        ...{ place: `message.images.items.${index}`, kind: "image", source },
      }));
    }
    case "voice":
      return [{ place: "message.voice", kind: "voice", source: content.voice }];
    case "mpvideo":
      return [{ place: "message.mpvideo", kind: "video", source: content.mpvideo }];
  }
}

/**
 * The articles with WeChat's pictures and covers in place of their own.
 *
 * @throws Failure CONTENT_REFUSED that names each article which has become too long by its pictures' new addresses
 */
export function readyArticles(articles: Articles, became: Became): readonly ReadyArticle[] {
  const ready = articles.map(({ cover, content, ...words }): ReadyArticle => {
    const html = replacePictures(content, ({ source }) =>
      source === undefined || source === "wechat" ? undefined : urlOf(became, { kind: "picture", source }),
    );
    return { ...words, content: html, thumbMediaId: idOf(became, { kind: "cover", source: cover }) };
  });
  const problems = ready.flatMap(({ content }, index) => {
    const path = `message.articles.${index}.content`;
    const message = `with its pictures' new addresses it has ${content.length} characters, and ${CONTENT_MAX} are the most`;
    return content.length > CONTENT_MAX ? [{ path, message }] : [];
  });
  if (problems.length > 0) throw contentRefused(problems);
  return ready;
}

/** Pictures as WeChat's mass/send takes them. */
export function imageMessage(
  content: Extract<ContentMessage, { msgtype: "image" }>,
  became: Became,
): Message {
  const { image, images } = content;
  if (image) return { msgtype: "image", image: { media_id: idOf(became, { kind: "image", source: image }) } };
  const { items = [], needOpenComment, onlyFansCanComment, ...words } = images ?? {};
  return {
    msgtype: "image",
    images: {
      media_ids: items.map((source) => idOf(became, { kind: "image", source })),
      ...words,
      ...(needOpenComment !== undefined && { need_open_comment: needOpenComment }),
      ...(onlyFansCanComment !== undefined && { only_fans_can_comment: onlyFansCanComment }),
    },
  };
}

export function idOf(became: Became, wanted: Pick<Wanted, "kind" | "source">): string {
  const media = became.get(keyOf(wanted))?.media;
  if (!media || !("mediaId" in media)) throw new Error(`no media_id for a ${wanted.kind}`);
  return media.mediaId;
}

function urlOf(became: Became, wanted: Pick<Wanted, "kind" | "source">): string {
  const media = became.get(keyOf(wanted))?.media;
  if (!media || !("url" in media)) throw new Error(`no address for a ${wanted.kind}`);
  return media.url;
}
