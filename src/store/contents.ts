import { z } from "zod";
import type { Campaign } from "../campaign/campaign.ts";
import { ContentMessage } from "../campaign/content.ts";
import { ReadyArticle } from "../campaign/prepared.ts";
import { ATTEMPT_MS, type Attempt } from "./attempt.ts";
import { packLines, unpack } from "./blob.ts";
import { createKeepFields } from "./keep-fields.ts";
import type { Keys } from "./keys.ts";
import type { RedisClient } from "./script.ts";

type Address = Pick<Campaign, "account" | "id">;

/**
 * What is too large for a campaign's record, which is read often: the content as it was asked for, and its articles
 * as WeChat takes them, for every draft to come. Both are written whole, and the same when written again.
 */
export function createContents(redis: RedisClient, keys: Keys) {
  const keeping = createKeepFields(redis, ATTEMPT_MS);

  async function read<Schema extends z.ZodType>(
    { account, id }: Address,
    field: string,
    schema: Schema,
  ): Promise<z.output<Schema> | undefined> {
    const blob = await redis.hgetBuffer(keys.content(account, id), field);
    return blob === null ? undefined : schema.parse(JSON.parse((await unpack(blob)).toString()));
  }

  return {
    /** For the record to come. */
    async keepAsked({ account, id }: Attempt, content: ContentMessage): Promise<void> {
      await keeping(keys.content(account, id))("asked", await packed(content));
    },
    readAsked: (address: Address) => read(address, "asked", ContentMessage),
    async keepArticles({ account, id }: Address, articles: readonly ReadyArticle[]): Promise<void> {
      await redis.hset(keys.content(account, id), "articles", await packed(articles));
    },
    readArticles: (address: Address) => read(address, "articles", z.array(ReadyArticle)),
  };
}

const packed = (value: unknown) => packLines([JSON.stringify(value)]);

export type Contents = ReturnType<typeof createContents>;
