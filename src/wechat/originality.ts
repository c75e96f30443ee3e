import { z } from "zod";
import { ARTICLES_MAX, type ArticleUrl, type Originality } from "../campaign/originality.ts";
import { first, number, text } from "./push.ts";
import type { Xml } from "./xml.ts";

const flag = number.transform((value) => (value === undefined ? undefined : value === 1));

const CheckedArticle = z
  .object({
    ArticleIdx: number,
    UserDeclareState: number,
    AuditState: number,
    CanReprint: flag,
    NeedReplaceContent: flag,
    NeedShowReprintSource: flag,
    OriginalArticleUrl: text,
    OriginalArticleType: number,
  })
  .transform((item) => ({
    index: item.ArticleIdx,
    declared: item.UserDeclareState,
    audit: item.AuditState,
    canReprint: item.CanReprint,
    needReplaceContent: item.NeedReplaceContent,
    needShowReprintSource: item.NeedShowReprintSource,
    originalUrl: item.OriginalArticleUrl,
    originalType: item.OriginalArticleType,
  }));

const SentArticle = z.object({ ArticleIdx: number, ArticleUrl: text });

/** CopyrightCheckResult of a push, with what it tells; undefined when that is nothing. */
export function originalityOf(result: Xml | undefined): Originality | undefined {
  const checkState = number.parse(result?.CheckState);
  const articles = itemsOf(result).flatMap((item) => {
    const { data } = CheckedArticle.safeParse(item);
    const told = Object.entries(data ?? {}).filter(([, value]) => value !== undefined);
    return told.length > 0 ? [Object.fromEntries(told)] : [];
  });
  if (checkState === undefined && articles.length === 0) return undefined;
  return { ...(checkState !== undefined && { checkState }), articles };
}

/** ArticleUrlResult of a push. */
export function articleUrlsOf(result: Xml | undefined): ArticleUrl[] {
  return itemsOf(result).flatMap((item) => {
    const { ArticleIdx: index, ArticleUrl: url } = SentArticle.safeParse(item).data ?? {};
    return index !== undefined && url !== undefined ? [{ index, url }] : [];
  });
}

/** `ResultList` may be empty text, one node or several, and so may its items. */
function itemsOf(result: Xml | undefined): unknown[] {
  const list = z.object({ item: z.unknown() }).safeParse(first(result?.ResultList));
  return list.success ? [list.data.item].flat().slice(0, ARTICLES_MAX) : [];
}
