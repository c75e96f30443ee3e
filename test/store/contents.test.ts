import { describe, expect } from "vitest";
import type { CampaignId } from "../../src/campaign/campaign-id.ts";
import { ContentMessage } from "../../src/campaign/content.ts";
import { createContents } from "../../src/store/contents.ts";
import { account, test } from "./rig.ts";

const address = { account, id: "offer" as CampaignId };
const article = { title: "群发 😀", content: `<p>${"文".repeat(19_000)}</p>` };

describe("a campaign's content", () => {
  test("is read as it was kept, what was asked for and what became of it", async ({ rig }) => {
    const contents = createContents(rig.redis, rig.keys);
    const asked = ContentMessage.parse({
      msgtype: "mpnews",
      articles: Array(8).fill({ ...article, cover: "https://a.example/1.jpg" }),
    });
    const ready = Array(8).fill({ ...article, thumbMediaId: "T", needOpenComment: 1 });
    await contents.keepAsked(address, asked);
    await contents.keepArticles(address, ready);
    expect(await contents.readAsked(address)).toEqual(asked);
    expect(await contents.readArticles(address)).toEqual(ready);
    expect(await rig.redis.memory("USAGE", rig.keys.content(account, address.id))).toBeLessThan(20_000);
  });

  test("is undefined where there is none", async ({ rig }) => {
    const contents = createContents(rig.redis, rig.keys);
    expect(await contents.readAsked(address)).toBeUndefined();
    expect(await contents.readArticles(address)).toBeUndefined();
  });
});
