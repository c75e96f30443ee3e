import { describe, expect } from "vitest";
import { isSendable } from "../../src/campaign/prepared.ts";
import { serveTls } from "../fetch/web.ts";
import { mediaFile } from "../support/media.ts";
import { done, failureOf, mediaIdOf, servePictures, threeOf } from "./content-pictures.ts";
import { openContent } from "./content-rig.ts";
import { hour, test } from "./rig.ts";

const uploadedAll = ["add thumb", ...Array(5).fill("uploadimg")];

describe("a campaign of three articles with five pictures", () => {
  test("is refused with the address and size of the one of 3 MB, before anything is uploaded", async ({
    rig,
  }) => {
    const pictures = await servePictures();
    const content = openContent(rig, { hosts: [pictures.host] });
    const failure = await failureOf(content.prepare("offer", threeOf(pictures)));
    expect(failure.code).toBe("CONTENT_REFUSED");
    expect(failure.message).toBe(
      `message.articles.1.content: picture 1: ${pictures.url}/3.png?…: it has 3145728 bytes, and 1048575 bytes are the most`,
    );
    expect(content.wechat.take()).toEqual([]);
  });

  test("is refused with every file that does not fit, each with its place, address and size", async ({
    rig,
  }) => {
    const pictures = await servePictures();
    pictures.files["/cover.jpg"] = mediaFile("jpg", 65_537);
    pictures.files["/1.png"] = mediaFile("webp");
    pictures.files["/5.png"] = Buffer.alloc(0);
    delete pictures.files["/2.jpg"];
    const content = openContent(rig, { hosts: [pictures.host] });
    const failure = await failureOf(content.prepare("offer", threeOf(pictures)));
    const at = pictures.url;
    expect(failure.details.errors).toEqual([
      {
        path: "message.articles.0.cover",
        message: `${at}/cover.jpg: it has 65537 bytes, and 65536 bytes are the most`,
      },
      {
        path: "message.articles.0.content: picture 1",
        message: `${at}/1.png: it is of no format known here, and WeChat takes jpg, png as picture`,
      },
      { path: "message.articles.0.content: picture 2", message: `${at}/2.jpg: its server answered 404` },
      {
        path: "message.articles.1.content: picture 1",
        message: `${at}/3.png?…: it has 3145728 bytes, and 1048575 bytes are the most`,
      },
      { path: "message.articles.2.content: picture 2", message: `${at}/5.png: it is empty` },
    ]);
    expect(content.wechat.take()).toEqual([]);
  });

  test("becomes a draft whose pictures are WeChat's, each uploaded once", async ({ rig }) => {
    const pictures = await servePictures();
    pictures.files["/3.png"] = mediaFile("png", 3_000, "3");
    const content = openContent(rig, { hosts: [pictures.host] });
    const prepared = done(await content.prepare("offer", threeOf(pictures)));
    expect(content.wechat.take().sort()).toEqual([...uploadedAll, "draft"].sort());
    expect(prepared).toEqual({
      as: "draft",
      message: { msgtype: "mpnews", mpnews: { media_id: "draft-7" } },
    });
    const picture = (number: number) => `http://mmbiz.qpic.cn/uploadimg-${number}/0?wx_fmt=a&amp;from=b`;
    const draft = content.wechat.drafts.get("draft-7");
    expect(draft).toEqual([
      {
        title: "One",
        author: "Author",
        digest: "Digest",
        content: `<p>群发 <img src="${picture(2)}"> &amp; <img alt="b" src="${picture(3)}"/></p>`,
        thumbMediaId: "add thumb-1",
        sourceUrl: "https://a.example/",
        needOpenComment: 1,
      },
      {
        title: "Two",
        content: `<img src="${picture(4)}"><img src="http://mmbiz.qpic.cn/own/0">`,
        thumbMediaId: "add thumb-1",
      },
      {
        title: "Three",
        content: `<img src="${picture(5)}"><img src="${picture(6)}">`,
        thumbMediaId: "add thumb-1",
      },
    ]);
    expect(content.notes).toEqual(["Content: 6 files, 6 of them uploaded now."]);
  });

  test("uploads nothing again for another campaign, nor after a crash at any call", async ({ rig }) => {
    const pictures = await servePictures();
    pictures.files["/3.png"] = mediaFile("png", 3_000, "3");
    const content = openContent(rig, { hosts: [pictures.host] });
    const lost = { kind: "unclear", error: { message: "lost" } } as const;
    for (const call of ["add thumb", "uploadimg", "draft"]) content.wechat.fail(call, lost);
    const trouble = { code: "IN_DOUBT", message: "lost" };
    for (let stopped = 0; stopped < 3; stopped++)
      expect(await content.prepare("offer", threeOf(pictures))).toEqual({ kind: "again", trouble });
    const first = done(await content.prepare("offer", threeOf(pictures)));
    expect(content.wechat.take().sort()).toEqual(
      [...uploadedAll, "draft", "add thumb", "uploadimg", "draft"].sort(),
    );

    const second = done(await content.prepare("another", threeOf(pictures)));
    expect(content.wechat.take()).toEqual(["draft"]);
    expect(mediaIdOf(second)).not.toBe(mediaIdOf(first));
    expect(content.notes.at(-1)).toBe("Content: 6 files, 0 of them uploaded now.");
  });

  test("has a draft of its own for every batch, the same one, though its pictures be gone", async ({
    rig,
  }) => {
    const pictures = await servePictures();
    pictures.files["/3.png"] = mediaFile("png", 3_000, "3");
    const content = openContent(rig, { hosts: [pictures.host] });
    const first = done(await content.prepare("offer", threeOf(pictures)));
    expect(isSendable(first, { now: rig.clock.now(), usedUp: false })).toBe(true);
    expect(isSendable(first, { now: rig.clock.now(), usedUp: true })).toBe(false);
    for (const path of Object.keys(pictures.files)) delete pictures.files[path];
    content.wechat.take();
    rig.clock.advance(100 * hour);
    const next = done(await content.renew("offer", first));
    expect(content.wechat.take()).toEqual(["draft"]);
    expect(mediaIdOf(next)).not.toBe(mediaIdOf(first));
    expect(content.wechat.drafts.get(mediaIdOf(next))).toEqual(content.wechat.drafts.get(mediaIdOf(first)));
    expect((await failureOf(content.renew("unknown", first))).code).toBe("CONTENT_REFUSED");
  });

  test("is read twice where it does not fit into memory, and uploaded the same", async ({ rig }) => {
    const pictures = await servePictures();
    pictures.files["/3.png"] = mediaFile("png", 3_000, "3");
    const content = openContent(rig, { hosts: [pictures.host], memoryBytes: 0 });
    done(await content.prepare("offer", threeOf(pictures)));
    expect(pictures.seen).toHaveLength(12);
    expect(content.wechat.take().sort()).toEqual([...uploadedAll, "draft"].sort());
  });

  test("waits where a server is busy, and is refused if another file does not fit", async ({ rig }) => {
    const busy = await serveTls((_, response) => response.writeHead(503).end());
    const pictures = await servePictures();
    const content = openContent(rig, { hosts: [pictures.host, busy.host] });
    const articleOf = (...paths: string[]) => ({
      msgtype: "mpnews",
      articles: [
        {
          title: "One",
          content: paths.map((path) => `<img src="${path}">`).join(""),
          cover: `${pictures.url}/cover.jpg`,
        },
      ],
    });
    expect(await content.prepare("offer", articleOf(`${busy.url}/a.png`))).toEqual({
      kind: "again",
      trouble: { code: "FETCH_FAILED", message: `${busy.url}/a.png: its server answered 503` },
    });
    const failure = await failureOf(
      content.prepare("offer", articleOf(`${busy.url}/a.png`, `${pictures.url}/3.png`)),
    );
    expect(failure.details.errors).toHaveLength(1);
    expect(content.wechat.take()).toEqual([]);
  });

  test("is refused when its pictures' new addresses make an article too long", async ({ rig }) => {
    const pictures = await servePictures();
    const content = openContent(rig, { hosts: [pictures.host] });
    const id = await content.upload(mediaFile("png"));
    const html = `<img src="upload:${id}">`;
    const articles = [
      { title: "One", content: html + "x".repeat(19_999 - html.length), cover: `${pictures.url}/cover.jpg` },
    ];
    const failure = await failureOf(content.prepare("offer", { msgtype: "mpnews", articles }));
    expect(failure.message).toMatch(
      /^message\.articles\.0\.content: with its pictures' new addresses it has \d+ characters, and 19999 are the most$/,
    );
  });

  test("may have private addresses in it only where they are excepted", async ({ rig }) => {
    const pictures = await servePictures();
    const failure = await failureOf(openContent(rig).prepare("offer", threeOf(pictures)));
    expect(failure.details.errors).toHaveLength(6);
    expect(failure.message).toContain("it is not a public address");
    expect(pictures.seen).toEqual([]);
  });
});
