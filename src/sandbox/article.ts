import { z } from "zod";
import type { Media } from "./media.ts";
import type { Settings } from "./settings.ts";

// WECHAT.md section 2.1. Where pages disagree there are two numbers, and a setting says which of them holds.
const limits = {
  larger: { titleCharacters: 64, contentCharacters: 20_000 },
  smaller: { titleCharacters: 32, contentCharacters: 10_000 },
} as const;
const mostArticles = 8;
const mostPictures = 20;
const authorCharacters = 16;
const digestCharacters = 120;
const contentBytes = 1024 * 1024;
const sourceUrlBytes = 1024;
const digestOfContent = 54;

const Flag = z.union([z.literal([0, 1]), z.literal(["0", "1"])]).default(0);
const Pictures = z.looseObject({
  image_list: z.array(z.looseObject({ image_media_id: z.string() })).min(1),
});
const Article = z.looseObject({
  article_type: z.enum(["news", "newspic"]).default("news"),
  title: z.string().min(1),
  author: z.string().default(""),
  digest: z.string().default(""),
  content: z.string(),
  content_source_url: z.string().default(""),
  thumb_media_id: z.string().optional(),
  show_cover_pic: Flag,
  need_open_comment: Flag,
  only_fans_can_comment: Flag,
  image_info: Pictures.optional(),
});

export type Article = z.infer<typeof Article> & {
  /** Pictures whose address WeChat would take out because they are not on its own host. */
  externalImages: number;
};

type Rules = { media: Media; contentLimits: Settings["contentLimits"]; thumb: "any" | "permanent" };

/** The articles of a draft or of uploadnews as WeChat keeps them, or the code to refuse them with. */
export function readArticles(articles: unknown, rules: Rules): readonly Article[] | number {
  if (!Array.isArray(articles) || articles.length === 0) return 44003;
  if (articles.length > mostArticles) return 45008;
  const read: Article[] = [];
  for (const entry of articles) {
    const article = readArticle(entry, rules);
    if (typeof article === "number") return article;
    read.push(article);
  }
  return read;
}

/** One article, or the code to refuse it with. */
export function readArticle(entry: unknown, rules: Rules): Article | number {
  const { data } = Article.safeParse(entry);
  if (data === undefined) return 47003;
  const wrong = checkTexts(data, limits[rules.contentLimits]) ?? checkPictures(data, rules);
  if (wrong !== undefined) return wrong;
  const { content, externalImages } = filterContent(data.content);
  const digest = data.digest || textOf(content).slice(0, digestOfContent);
  return { ...data, content, digest, externalImages };
}

function checkTexts(article: z.infer<typeof Article>, limit: (typeof limits)[keyof typeof limits]) {
  const { title, author, digest, content, content_source_url: source } = article;
  if (charactersOf(title) > limit.titleCharacters) return 45003;
  if (charactersOf(author) > authorCharacters) return 45110;
  if (charactersOf(digest) > digestCharacters) return 45004;
  if (content === "") return 44004;
  if (charactersOf(content) >= limit.contentCharacters || Buffer.byteLength(content) >= contentBytes) {
    return 45002;
  }
  if (Buffer.byteLength(source) > sourceUrlBytes) return 45005;
  return source === "" || /^https?:\/\//.test(source) ? undefined : 41039;
}

function checkPictures(article: z.infer<typeof Article>, { media, thumb }: Rules): number | undefined {
  const permanent = { permanent: thumb === "permanent" };
  if (article.article_type === "newspic") {
    const pictures = article.image_info?.image_list ?? [];
    if (pictures.length === 0) return 47003;
    if (pictures.length > mostPictures) return 40215;
    const all = pictures.every(({ image_media_id: id }) => media.accepts(id, ["image"], permanent));
    return all ? undefined : 40007;
  }
  if (!article.thumb_media_id) return 41006;
  return media.accepts(article.thumb_media_id, ["thumb", "image"], permanent) ? undefined : 40007;
}

/** Without scripts, and without the addresses of pictures that are not on WeChat's own host. */
function filterContent(content: string): { content: string; externalImages: number } {
  let externalImages = 0;
  const filtered = content.replace(/<script\b.*?<\/script\s*>/gis, "").replace(/<img\b[^>]*>/gi, (tag) => {
    const sources = [...tag.matchAll(/\s(?:data-)?src\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/gi)];
    const foreign = sources.some((source) => !isWechats(source[1] ?? source[2] ?? source[3] ?? ""));
    if (!foreign) return tag;
    externalImages += 1;
    return tag.replace(/\s(?:data-)?src\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, "");
  });
  return { content: filtered, externalImages };
}

function isWechats(address: string): boolean {
  return /^(https?:)?\/\/([a-z0-9-]+\.)?(qpic\.cn|qlogo\.cn)\//i.test(address);
}

function textOf(html: string): string {
  return html
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

function charactersOf(text: string): number {
  return [...text].length;
}
