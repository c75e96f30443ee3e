import { describe, expect, test } from "vitest";
import { z } from "zod";
import { issuesIn } from "../../src/campaign/check-body.ts";
import { AnyMessage, bringsContent, ContentMessage } from "../../src/campaign/content.ts";

const id = "0b0e1f0a-7f55-4f3b-9d0e-0d9f6f1f2a3b";
const url = "https://a.example/1.png";
const article = { title: "Title", content: "<p>Text</p>", cover: { url } };
const articlesOf = (...articles: unknown[]) => ({ msgtype: "mpnews", articles });

/** The errors as a producer reads them, in a campaign's `message`. */
function problems(message: unknown): string[] {
  const parsed = z.strictObject({ message: AnyMessage }).safeParse({ message });
  return (parsed.error?.issues ?? []).flatMap(issuesIn).map((issue) => `${issue.path}: ${issue.message}`);
}

describe("content", () => {
  test.each([
    [articlesOf(article)],
    [articlesOf({ ...article, cover: { uploadId: id } })],
    [
      articlesOf({
        ...article,
        author: "Author",
        digest: "Digest",
        sourceUrl: "http://a.example/",
        needOpenComment: 1,
        onlyFansCanComment: 0,
      }),
    ],
    [{ msgtype: "image", image: { url } }],
    [{ msgtype: "image", images: { items: [{ url }, { uploadId: id }], title: "Title" } }],
    [{ msgtype: "voice", voice: { uploadId: id } }],
    [{ msgtype: "mpvideo", mpvideo: { url, title: "Title", description: "Words" } }],
  ])("of %j is taken, and parses to itself", (message) => {
    expect(problems(message)).toEqual([]);
    const parsed = ContentMessage.parse(message);
    expect(parsed).toEqual(message);
    expect(AnyMessage.parse(parsed)).toEqual(parsed);
  });

  test("may have a file that was uploaded for its cover, addressed as a picture's", () => {
    const uploaded = articlesOf({ ...article, cover: { uploadId: id } });
    expect(ContentMessage.parse(articlesOf({ ...article, cover: `upload:${id}` }))).toEqual(uploaded);
  });

  test("may have an address for its cover, and switches as booleans", () => {
    const parsed = ContentMessage.parse(
      articlesOf({ ...article, cover: url, needOpenComment: true, onlyFansCanComment: false }),
    );
    expect(parsed).toEqual(articlesOf({ ...article, needOpenComment: 1, onlyFansCanComment: 0 }));
  });

  test.each([
    { msgtype: "text", text: { content: "Hello" } },
    { msgtype: "mpnews", mpnews: { media_id: "M" } },
    { msgtype: "image", image: { media_id: "M" } },
    { msgtype: "image", images: { media_ids: ["M"] } },
    { msgtype: "voice", voice: { media_id: "M" } },
    { msgtype: "mpvideo", mpvideo: { media_id: "M", title: "Title" } },
  ])("is not what has its media_id: %j is a message as ever", (message) => {
    expect(bringsContent(message)).toBe(false);
    expect(AnyMessage.parse(message)).toEqual(message);
  });

  test("has each of its limits just so", () => {
    const most = {
      ...article,
      title: "t".repeat(32),
      author: "a".repeat(16),
      digest: "d".repeat(120),
      content: "c".repeat(19_999),
      sourceUrl: `https://a.example/${"s".repeat(1_006)}`,
    };
    expect(problems(articlesOf(...Array(8).fill(most)))).toEqual([]);
    const tooMuch = Object.fromEntries(
      Object.entries(most).map(([name, value]) => [name, typeof value === "string" ? `${value}x` : value]),
    );
    expect(problems(articlesOf(tooMuch))).toEqual([
      "message.articles.0.title: expected at most 32 characters",
      "message.articles.0.author: expected at most 16 characters",
      "message.articles.0.digest: expected at most 120 characters",
      "message.articles.0.content: expected at most 19999 characters",
      "message.articles.0.sourceUrl: expected at most 1024 bytes",
    ]);
  });

  test.each([
    [articlesOf(), "message.articles: expected at least one article"],
    [articlesOf(...Array(9).fill(article)), "message.articles: expected at most 8 articles"],
    [articlesOf({ ...article, title: "" }), "message.articles.0.title: expected some text"],
    [articlesOf({ ...article, content: "" }), "message.articles.0.content: expected some text"],
    [articlesOf({ ...article, cover: {} }), "message.articles.0.cover: expected either url or uploadId"],
    [
      articlesOf({ ...article, cover: "/etc/passwd" }),
      "message.articles.0.cover.url: expected an https address",
    ],
    [articlesOf({ ...article, path: "a.png" }), "message.articles.0.path: there is no such field"],
    [articlesOf({ ...article, needOpenComment: 2 }), "message.articles.0.needOpenComment: expected 0 or 1"],
    [{ msgtype: "image", image: { url, uploadId: id } }, "message.image: expected either url or uploadId"],
    [{ msgtype: "image", image: { url, media_id: "M" } }, "message.image.media_id: there is no such field"],
    [
      { msgtype: "image", images: { items: Array(21).fill({ url }) } },
      "message.images.items: expected at most 20 pictures",
    ],
    [
      { msgtype: "image", image: { url }, images: { items: [{ url }] } },
      "message: expected either image (one picture) or images (several)",
    ],
    [
      { msgtype: "voice", voice: { uploadId: "1" } },
      "message.voice.uploadId: expected an uploadId of POST /v1/uploads",
    ],
    [
      { msgtype: "voice", voice: { url: "data:audio/mpeg;base64,AA" } },
      "message.voice.url: expected an https address",
    ],
    [
      { msgtype: "mpvideo", mpvideo: { url, title: "t".repeat(129) } },
      "message.mpvideo.title: expected at most 128 characters",
    ],
    [
      { msgtype: "mpvideo", mpvideo: { url, title: "t", description: "d".repeat(513) } },
      "message.mpvideo.description: expected at most 512 characters",
    ],
    [
      { msgtype: "mpvideo", mpvideo: { title: "t", url, uploadId: id } },
      "message.mpvideo: expected either url or uploadId",
    ],
  ])("of %j is refused", (message, problem) => {
    expect(problems(message)).toEqual([problem]);
  });

  test("has its wrong pictures named all at once, by their numbers and not by what they hold", () => {
    const content = `<img src="${url}"><img src="data:image/png;base64,AAAA"><img src="a.png"><img src="upload:${id}"><img>`;
    const told = "expected https://… or upload:<uploadId> (no data:, no path) as its src";
    expect(problems(articlesOf(article, { ...article, content }))).toEqual(
      [2, 3, 5].map((number) => `message.articles.1.content: picture ${number}: ${told}`),
    );
  });

  test("that is far too large is refused without a look at its pictures", () => {
    const html = "<a><b>".repeat(1_000_000);
    const startedAt = Date.now();
    expect(problems(articlesOf({ ...article, content: html }))).toHaveLength(1);
    expect(problems(articlesOf(...Array(500).fill({ ...article, content: html.slice(0, 19_999) })))).toEqual([
      "message.articles: expected at most 8 articles",
    ]);
    expect(Date.now() - startedAt).toBeLessThan(2_000);
  });

  test("has a hundred pictures an article at most", () => {
    const content = (pictures: number) => `<img src="${url}">`.repeat(pictures);
    expect(problems(articlesOf({ ...article, content: content(100) }))).toEqual([]);
    expect(problems(articlesOf({ ...article, content: content(101) }))).toEqual([
      "message.articles.0.content: expected at most 100 pictures",
    ]);
  });

  test.each([
    undefined,
    null,
    1,
    "text",
    [],
    {},
    { msgtype: "mpnews", articles: 1 },
    { images: { items: 1 } },
  ])("of %j is refused, not a crash", (message) => {
    expect(problems(message).length).toBeGreaterThan(0);
  });
});
