import { z } from "zod";

/** WeChat's own numbers, unexplained ones too (WECHAT.md section 6.3). */
const code = z.number().int().nonnegative();

/** WeChat takes eight articles a message; what a push has beyond that is not kept. */
export const ARTICLES_MAX = 8;

/**
 * What the check of originality said of a message's articles (WECHAT.md sections 6.3 and 11): each field as far
 * as WeChat told it. `checkState` 1 no reprint, 2 a reprint that may be sent, 3 one that may not. Of an article
 * `declared` by the sender 0 nothing, 1 original, 2 reprint; `audit` 0 not checked, 1 under way, 11 passed, else
 * refused; `originalType` 1 original, 2 ordinary, 3 news, 4 blacklisted.
 */
export const Originality = z.object({
  checkState: code.optional(),
  articles: z
    .array(
      z.object({
        index: code.optional(),
        declared: code.optional(),
        audit: code.optional(),
        canReprint: z.boolean().optional(),
        needReplaceContent: z.boolean().optional(),
        needShowReprintSource: z.boolean().optional(),
        originalUrl: z.string().optional(),
        originalType: code.optional(),
      }),
    )
    .max(ARTICLES_MAX),
});
export type Originality = z.infer<typeof Originality>;

/** Where a sent article can be read; `index` counts from 1. */
export const ArticleUrl = z.object({ index: code, url: z.string() });
export type ArticleUrl = z.infer<typeof ArticleUrl>;
