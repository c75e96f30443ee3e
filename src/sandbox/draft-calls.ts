import { z } from "zod";
import { type Article, readArticle, readArticles } from "./article.ts";
import type { Room } from "./call.ts";
import { findGiven, type Medium } from "./media.ts";
import { seconds } from "./media-calls.ts";
import { refuse } from "./refusal.ts";
import type { Settings } from "./settings.ts";
import type { AccountWorld } from "./world.ts";

const Page = z.looseObject({
  offset: z.number().int().min(0),
  count: z.number().int().min(1).max(20),
  no_content: z.literal([0, 1]).default(0),
});

/** The draft box (WECHAT.md section 2.1): what mass messages of articles are made of. */
export function createDraftCalls({ contentLimits }: Pick<Settings, "contentLimits">) {
  const rulesFor = ({ media }: AccountWorld) => ({ media, contentLimits, thumb: "permanent" }) as const;
  const findDraft = ({ media }: AccountWorld, given: unknown): Medium | number => {
    const medium = findGiven(media, given);
    return typeof medium === "number" || medium.type === "draft" ? medium : 40007;
  };

  return {
    "draft/add": (world, { body }) => {
      if (!body.ok) return refuse(body.errcode);
      const articles = readArticles(body.value.articles, rulesFor(world));
      if (typeof articles === "number") return refuse(articles);
      return { media_id: world.media.add({ type: "draft", bytes: 0, permanent: true, articles }).id };
    },

    "draft/update": (world, { body }) => {
      if (!body.ok) return refuse(body.errcode);
      const draft = findDraft(world, body.value.media_id);
      if (typeof draft === "number") return refuse(draft);
      const { index } = body.value;
      if (typeof index !== "number" || draft.articles[index] === undefined) return refuse(40114);
      const article = readArticle(body.value.articles, rulesFor(world));
      if (typeof article === "number") return refuse(article === 47003 ? 45166 : article);
      draft.articles = draft.articles.with(index, article);
      draft.updatedAt = world.clock.now();
      return refuse(0);
    },

    "draft/get": (world, { body }) => {
      if (!body.ok) return refuse(body.errcode);
      const draft = findDraft(world, body.value.media_id);
      return typeof draft === "number" ? refuse(draft) : { news_item: draft.articles.map(describe) };
    },

    "draft/delete": (world, { body }) => {
      if (!body.ok) return refuse(body.errcode);
      const draft = findDraft(world, body.value.media_id);
      if (typeof draft === "number") return refuse(draft);
      world.media.delete(draft);
      return refuse(0);
    },

    "draft/count": ({ media }) => ({ total_count: media.drafts().length }),

    "draft/batchget": ({ media }, { body }) => {
      if (!body.ok) return refuse(body.errcode);
      const { data } = Page.safeParse(body.value);
      if (data === undefined) return refuse(40097);
      const { offset, count, no_content: without } = data;
      const all = media.drafts().reverse();
      const item = all.slice(offset, offset + count).map(({ id, articles, updatedAt }) => ({
        media_id: id,
        content: {
          news_item: articles.map((article) => ({
            ...describe(article),
            ...(without === 1 ? { content: "" } : {}),
          })),
        },
        update_time: seconds(updatedAt),
      }));
      return { total_count: all.length, item_count: item.length, item };
    },
  } satisfies Room;
}

/** An article as WeChat hands it back: what it filtered is gone. */
function describe({ externalImages: _, ...article }: Article) {
  return { ...article, url: "http://mp.weixin.qq.com/s?__biz=sandbox#rd" };
}
