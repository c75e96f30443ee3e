import { describe, expect, it } from "vitest";
import { fileOf, type Json, openRig } from "./rig.ts";

const news = (media_id: unknown) => ({ msgtype: "mpnews", mpnews: { media_id } });

describe("draft/add", () => {
  it("takes one to eight articles", async () => {
    const { call, article } = await openRig();
    const articles = [await article()];
    expect(await call("draft/add", { articles })).toEqual({ media_id: expect.any(String) });
    expect(await call("draft/add", { articles: Array(8).fill(articles[0]) })).toHaveProperty("media_id");
    expect(await call("draft/add", { articles: Array(9).fill(articles[0]) })).toMatchObject({
      errcode: 45008,
    });
    expect(await call("draft/add", { articles: [] })).toMatchObject({ errcode: 44003 });
    expect(await call("draft/add", {})).toMatchObject({ errcode: 44003 });
  });

  it.each([
    ["no title", { title: undefined }, 47003],
    ["an empty title", { title: "" }, 47003],
    ["a title of 65 characters", { title: "题".repeat(65) }, 45003],
    ["an author of 17", { author: "作".repeat(17) }, 45110],
    ["a digest of 121", { digest: "摘".repeat(121) }, 45004],
    ["no content", { content: undefined }, 47003],
    ["an empty content", { content: "" }, 44004],
    ["a content of 20,000 characters", { content: "字".repeat(20_000) }, 45002],
    ["a source of more than 1 KB", { content_source_url: `https://a.example/${"x".repeat(1024)}` }, 45005],
    ["a source that is no address", { content_source_url: "a.example" }, 41039],
    ["no cover", { thumb_media_id: undefined }, 41006],
    ["a cover that is missing", { thumb_media_id: "missing" }, 40007],
    ["a flag other than 0 and 1", { need_open_comment: 2 }, 47003],
    ["pictures that are none", { article_type: "newspic" }, 47003],
    ["an unknown kind of article", { article_type: "film" }, 47003],
  ])("refuses %s", async (_what, change: Json, errcode) => {
    const { call, article } = await openRig();
    expect(await call("draft/add", { articles: [await article(change)] })).toMatchObject({ errcode });
  });

  it("takes texts that are as long as they may be, and flags as texts", async () => {
    const { call, article } = await openRig();
    const longest = { title: "题".repeat(64), author: "作".repeat(16), digest: "摘".repeat(120) };
    const rest = { content: "字".repeat(19_999), show_cover_pic: "1", only_fans_can_comment: 1 };
    expect(await call("draft/add", { articles: [await article({ ...longest, ...rest })] })).toHaveProperty(
      "media_id",
    );
  });

  it("is stricter when told so", async () => {
    const { call, article } = await openRig({ contentLimits: "smaller" });
    const add = async (change: Json) => call("draft/add", { articles: [await article(change)] });
    expect(await add({ title: "题".repeat(33) })).toMatchObject({ errcode: 45003 });
    expect(await add({ content: "字".repeat(10_000) })).toMatchObject({ errcode: 45002 });
    expect(await add({ title: "题".repeat(32) })).toHaveProperty("media_id");
  });

  it("takes a permanent picture as cover, and pictures as an article of their own", async () => {
    const { call, article, upload } = await openRig();
    const { media_id } = await upload("material/add_material?type=image", fileOf("png"));
    expect(
      await call("draft/add", { articles: [await article({ thumb_media_id: media_id })] }),
    ).toHaveProperty("media_id");
    const pictures = (count: number) => ({
      article_type: "newspic",
      title: "图",
      content: "文字",
      image_info: { image_list: Array(count).fill({ image_media_id: media_id }) },
    });
    expect(await call("draft/add", { articles: [pictures(20)] })).toHaveProperty("media_id");
    expect(await call("draft/add", { articles: [pictures(21)] })).toMatchObject({ errcode: 40215 });
    const { media_id: voice } = await upload("material/add_material?type=voice", fileOf("mp3"));
    const wrong = { ...pictures(1), image_info: { image_list: [{ image_media_id: voice }] } };
    expect(await call("draft/add", { articles: [wrong] })).toMatchObject({ errcode: 40007 });
  });
});

describe("what WeChat keeps of a draft", () => {
  it("has no scripts, no addresses of foreign pictures, and a digest", async () => {
    const { call, ask, article } = await openRig();
    const content = [
      "<p>第一段</p><script>alert(1)</script>",
      '<img src="https://cdn.example/a.png">',
      "<img data-src='//cdn.example/b.png'>",
      '<img src="http://mmbiz.qpic.cn/mmbiz_png/x/0">',
    ].join("");
    const { media_id } = await call("draft/add", { articles: [await article({ content })] });
    const { news_item } = (await call("draft/get", { media_id })) as { news_item: Json[] };
    expect(news_item).toHaveLength(1);
    expect(news_item[0]).toMatchObject({
      title: "标题",
      digest: "第一段",
      content: '<p>第一段</p><img><img><img src="http://mmbiz.qpic.cn/mmbiz_png/x/0">',
      need_open_comment: 0,
    });
    const { media } = (await ask("/sandbox/accounts/demo/media")) as { media: Json[] };
    expect(media.find(({ id }) => id === media_id)).toMatchObject({
      type: "draft",
      articles: [{ title: "标题", externalImages: 2 }],
    });
  });
});

describe("the draft box", () => {
  it("counts and lists its drafts, the newest first", async () => {
    const { call, draft } = await openRig();
    const ids = [await draft(), await draft(2), await draft()];
    expect(await call("draft/count")).toEqual({ total_count: 3 });
    const page = await call("draft/batchget", { offset: 0, count: 2, no_content: 1 });
    expect(page).toMatchObject({ total_count: 3, item_count: 2 });
    const items = page.item as { media_id: string; content: { news_item: Json[] } }[];
    expect(items.map(({ media_id }) => media_id)).toEqual([ids[2], ids[1]]);
    expect(items[1]?.content.news_item).toHaveLength(2);
    expect(items[1]?.content.news_item[0]).toMatchObject({ content: "" });
    const rest = await call("draft/batchget", { offset: 2, count: 20 });
    expect(rest).toMatchObject({ item: [{ content: { news_item: [{ content: "<p>正文</p>" }] } }] });
    expect(await call("draft/batchget", { offset: 0, count: 21 })).toMatchObject({ errcode: 40097 });
  });

  it("changes one article of a draft", async () => {
    const { call, draft, article } = await openRig();
    const media_id = await draft(2);
    const update = (index: unknown, articles: unknown) => call("draft/update", { media_id, index, articles });
    expect(await update(1, await article({ title: "新" }))).toMatchObject({ errcode: 0 });
    expect(await call("draft/get", { media_id })).toMatchObject({
      news_item: [{ title: "标题" }, { title: "新" }],
    });
    expect(await update(2, await article())).toMatchObject({ errcode: 40114 });
    expect(await update(0, await article({ content_source_url: "x" }))).toMatchObject({ errcode: 41039 });
    expect(await update(0, {})).toMatchObject({ errcode: 45166 });
  });

  it("forgets a deleted draft, and knows no made-up one", async () => {
    const { call, draft, send } = await openRig();
    const media_id = await draft();
    expect(await call("draft/delete", { media_id })).toMatchObject({ errcode: 0 });
    expect(await call("draft/get", { media_id })).toMatchObject({ errcode: 40007 });
    expect(await call("draft/delete", { media_id })).toMatchObject({ errcode: 40007 });
    expect(await call("draft/get", {})).toMatchObject({ errcode: 41006 });
    expect(await send(news(media_id))).toMatchObject({ errcode: 40007 });
  });
});

describe("a draft that is sent", () => {
  it("is used up by its success; its msg_data_id goes on, with the same links", async () => {
    const { call, draft, send, receiver, job } = await openRig({ callbackMode: "plain" });
    const media_id = await draft(2);
    const first = await send(news(media_id));
    const { body } = await receiver.callback();
    const links = [...body.matchAll(/<ArticleUrl><!\[CDATA\[(.*?)\]\]>/g)].map(([, url]) => url);
    expect(links).toHaveLength(2);
    expect(await send(news(media_id))).toMatchObject({ errcode: 40007 });
    expect(await call("draft/get", { media_id })).toMatchObject({ errcode: 40007 });
    expect(await call("draft/count")).toEqual({ total_count: 0 });

    const again = await send(news(String(first.msg_data_id)));
    expect(again).toMatchObject({ errcode: 0, msg_data_id: first.msg_data_id });
    expect(again.msg_id).not.toBe(first.msg_id);
    const second = await receiver.callback(2);
    expect(links.every((link) => second.body.includes(String(link)))).toBe(true);
    expect(await job(again.msg_id)).toMatchObject({ articles: 2, material: media_id });
  });

  it("stays when the send fails", async () => {
    const { draft, send, fault, receiver, call } = await openRig();
    const media_id = await draft();
    await fault({ fault: "err", err: 20001 });
    await send(news(media_id));
    await receiver.callback();
    expect(await call("draft/count")).toEqual({ total_count: 1 });
    expect(await send(news(media_id))).toMatchObject({ errcode: 0 });
  });

  it("is still there until its message has ended", async () => {
    const { draft, send, fault } = await openRig();
    const media_id = await draft();
    await fault({ fault: "stuck" });
    await send(news(media_id));
    expect(await send(news(media_id))).toMatchObject({ errcode: 0 });
  });
});
