import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createMedia } from "../../src/wechat/media.ts";
import { openRecorder, type Recorder } from "./recorder.ts";

let wechat: Recorder;
let media: ReturnType<typeof createMedia>;
beforeEach(async () => {
  wechat = await openRecorder();
  media = createMedia(wechat.parts);
});
afterEach(async () => {
  await wechat.close();
  expect(wechat.faults).toEqual([]);
});

const bytes = Buffer.from([0xff, 0xd8, 0xff, 0x00, 0x0d, 0x0a, 0x2d, 0x2d, 0x80]);
const file = { name: "cover.jpg", contentType: "image/jpeg", bytes };
const sent = { media: { name: "cover.jpg", type: "image/jpeg", bytes } };

describe("a file", () => {
  it("for an article goes as the field media, and comes back as an address", async () => {
    wechat.answer(
      '{"url":"http://mmbiz.qpic.cn/mmbiz/gLO17UPS6FS2xsypf378iaNhWacZ1G1UplZYWEYfwvuU6Ont96b1roYs/0"}',
    );
    expect(await media.uploadArticleImage(file)).toEqual({
      kind: "done",
      value: { url: "http://mmbiz.qpic.cn/mmbiz/gLO17UPS6FS2xsypf378iaNhWacZ1G1UplZYWEYfwvuU6Ont96b1roYs/0" },
      requests: 1,
    });
    expect(wechat.last()).toMatchObject({
      path: "/cgi-bin/media/uploadimg",
      query: { access_token: "token-1" },
      fields: sent,
    });
  });

  it.each(["image", "voice", "video"] as const)(
    "that WeChat keeps for 3 days is uploaded as %s",
    async (type) => {
      wechat.answer(
        `{"type":"${type}","media_id":"MEDIA_ID","created_at":1391857799,"errcode":0,"errmsg":"ok"}`,
      );
      expect(await media.uploadTemporary(type, file)).toEqual({
        kind: "done",
        value: { mediaId: "MEDIA_ID", createdAt: 1_391_857_799_000 },
        requests: 1,
      });
      expect(wechat.last()).toMatchObject({
        path: "/cgi-bin/media/upload",
        query: { access_token: "token-1", type },
        fields: sent,
      });
    },
  );

  it.each([
    '{"type":"thumb","thumb_media_id":"THUMB","created_at":1391857799}',
    '{"type":"thumb","media_id":"THUMB","created_at":"1391857799"}',
  ])("of a cover has its id under either name: %s", async (answer) => {
    wechat.answer(answer);
    expect(await media.uploadTemporary("thumb", file)).toMatchObject({
      kind: "done",
      value: { mediaId: "THUMB", createdAt: 1_391_857_799_000 },
    });
  });

  it("is as old as the answer when WeChat does not say since when it has it", async () => {
    wechat.answer('{"media_id":"MEDIA_ID"}');
    const now = wechat.parts.clock.now();
    expect(await media.uploadTemporary("image", file)).toMatchObject({ value: { createdAt: now } });
  });

  it("is no success without an id", async () => {
    wechat.answer('{"type":"image","created_at":1391857799}');
    expect(await media.uploadTemporary("image", file)).toEqual({
      kind: "unclear",
      error: { message: "the answer does not fit: media_id" },
      requests: 1,
    });
  });

  it("that stays is added to the material; of images alone comes an address", async () => {
    wechat.answer('{"media_id":"IMAGE","url":"http://mmbiz.qpic.cn/x"}', '{"media_id":"THUMB"}');
    expect(await media.addPermanent("image", file)).toMatchObject({
      value: { mediaId: "IMAGE", url: "http://mmbiz.qpic.cn/x" },
    });
    expect(wechat.last()).toMatchObject({
      path: "/cgi-bin/material/add_material",
      query: { access_token: "token-1", type: "image" },
      fields: sent,
    });
    expect(Object.keys(wechat.last().fields)).toEqual(["media"]);
    expect(await media.addPermanent("thumb", file)).toMatchObject({ value: { mediaId: "THUMB" } });
  });

  it("of a video is described in a field of its own, in raw UTF-8", async () => {
    wechat.answer('{"media_id":"FILM"}');
    const video = { title: "片名", introduction: '简介 "一" 🎬' };
    await media.addPermanent("video", { ...file, name: "f.mp4", contentType: "video/mp4" }, video);
    const { fields, text } = wechat.last();
    expect(fields).toMatchObject({ media: { name: "f.mp4", type: "video/mp4" } });
    expect(JSON.parse(String(fields.description))).toEqual(video);
    expect(text).toContain("片名");
    expect(text).toMatch(/name="description"\r\n\r\n\{/);
  });

  it("keeps its name, whatever letters it has, and can't break out of it", async () => {
    const name = '群发 "封面"\r\nX-Evil: 1 🎉.jpg';
    wechat.answer('{"url":"u"}');
    await media.uploadArticleImage({ ...file, name });
    const { text } = wechat.last();
    expect(text).toContain('filename="群发 %22封面%22%0D%0AX-Evil: 1 🎉.jpg"');
    expect(text.match(/^X-Evil/m)).toBeNull();
  });

  it("of 10 MB arrives whole", async () => {
    wechat.answer('{"media_id":"BIG","created_at":1}');
    const big = Buffer.alloc(10 * 1024 * 1024, "群");
    expect(await media.uploadTemporary("image", { ...file, bytes: big })).toMatchObject({ kind: "done" });
    const { media: arrived } = wechat.last().fields;
    expect(typeof arrived === "object" && arrived.bytes.equals(big)).toBe(true);
  });
});

describe("a video", () => {
  it("is described for a mass message, and has a new id then", async () => {
    wechat.answer('{"type":"video","media_id":"NEW","created_at":1398848981}');
    const of = { mediaId: "OLD", title: "片名", description: "简介" };
    expect(await media.describeVideo(of)).toMatchObject({
      value: { mediaId: "NEW", createdAt: 1_398_848_981_000 },
    });
    expect(wechat.last()).toMatchObject({
      path: "/cgi-bin/media/uploadvideo",
      text: '{"media_id":"OLD","title":"片名","description":"简介"}',
    });
  });
});

describe("articles", () => {
  it("become a draft, under WeChat's names, without what is not given", async () => {
    wechat.answer('{"media_id":"DRAFT"}');
    const reply = await media.addDraft([
      {
        title: "标题 🎉",
        content: '<p>正文 <img src="http://mmbiz.qpic.cn/x"></p>',
        thumbMediaId: "THUMB",
        author: "作者",
        digest: "摘要",
        contentSourceUrl: "https://example.com/?a=1&b=2",
        needOpenComment: 1,
        onlyFansCanComment: 0,
        picCrop2351: "0_0_1_0.5",
        picCrop11: "0_0_0.5_0.5",
      },
      { articleType: "newspic", title: "图", content: "text", imageMediaIds: ["A", "B"] },
    ]);
    expect(reply).toEqual({ kind: "done", value: { mediaId: "DRAFT" }, requests: 1 });
    const { path, json, text } = wechat.last();
    expect(path).toBe("/cgi-bin/draft/add");
    expect(text).toContain("标题 🎉");
    expect(json).toEqual({
      articles: [
        {
          title: "标题 🎉",
          author: "作者",
          digest: "摘要",
          content: '<p>正文 <img src="http://mmbiz.qpic.cn/x"></p>',
          content_source_url: "https://example.com/?a=1&b=2",
          thumb_media_id: "THUMB",
          need_open_comment: 1,
          only_fans_can_comment: 0,
          pic_crop_235_1: "0_0_1_0.5",
          pic_crop_1_1: "0_0_0.5_0.5",
        },
        {
          article_type: "newspic",
          title: "图",
          content: "text",
          image_info: { image_list: [{ image_media_id: "A" }, { image_media_id: "B" }] },
        },
      ],
    });
  });

  it("are uploaded as news where that is still the way", async () => {
    wechat.answer('{"type":"news","media_id":"NEWS","created_at":1391857799}');
    const article = { title: "t", content: "c", thumbMediaId: "THUMB", showCoverPic: 1 } as const;
    expect(await media.uploadNews([article])).toMatchObject({
      value: { mediaId: "NEWS", createdAt: 1_391_857_799_000 },
    });
    expect(wechat.last()).toMatchObject({
      path: "/cgi-bin/media/uploadnews",
      json: { articles: [{ title: "t", content: "c", thumb_media_id: "THUMB", show_cover_pic: 1 }] },
    });
  });
});
