import { z } from "zod";
import type { Campaign } from "../campaign/campaign.ts";
import { ContentMessage } from "../campaign/content.ts";
import { ReadyArticle } from "../campaign/prepared.ts";
import { packLines, unpack } from "./blob.ts";
import type { Keys } from "./keys.ts";
import type { RedisClient } from "./script.ts";

type Address = Pick<Campaign, "account" | "id">;

/**
 * What is too large for a campaign's record, which is read often: the content as it was asked for, and its articles
 * as WeChat takes them, for every draft to come. Both are written whole, and the same when written again.
 */
export function createContents(redis: RedisClient, keys: Keys) {
  async function write({ account, id }: Address, field: string, value: unknown): Promise<void> {
    await redis.hset(keys.content(account, id), field, await packLines([JSON.stringify(value)]));
  }

  async function read<Schema extends z.ZodType>(
    { account, id }: Address,
    field: string,
    schema: Schema,
  ): Promise<z.output<Schema> | undefined> {
    const blob = await redis.hgetBuffer(keys.content(account, id), field);
    return blob === null ? undefined : schema.parse(JSON.parse((await unpack(blob)).toString()));
  }

  return {
    keepAsked: (address: Address, content: ContentMessage) => write(address, "asked", content),
    readAsked: (address: Address) => read(address, "asked", ContentMessage),
    keepArticles: (address: Address, articles: readonly ReadyArticle[]) =>
      write(address, "articles", articles),
    readArticles: (address: Address) => read(address, "articles", z.array(ReadyArticle)),
  };
}

export type Contents = ReturnType<typeof createContents>;
