import { describe, expect, it } from "vitest";
import { demoAccount } from "../../src/sandbox/demo-account.ts";
import { fileOf, type Json, openRig } from "./rig.ts";

const megabyte = 1024 * 1024;
const day = 24 * 3_600_000;
const voiceOf = (id: unknown) => ({ msgtype: "voice", voice: { media_id: id } });

describe("media/uploadimg", () => {
  it.each(["jpg", "png"] as const)("takes a %s and gives an address on WeChat's own host", async (kind) => {
    const { upload } = await openRig();
    expect(await upload("media/uploadimg", fileOf(kind))).toEqual({
      url: expect.stringMatching(new RegExp(`^http://mmbiz\\.qpic\\.cn/mmbiz_${kind}/[\\w-]+/0$`)),
    });
  });

  it.each([
    ["a gif", fileOf("gif"), 40005],
    ["a megabyte", fileOf("jpg", megabyte), 40009],
    ["nothing", new Uint8Array(0), 44001],
  ])("refuses %s", async (_what, file, errcode) => {
    const { upload } = await openRig();
    expect(await upload("media/uploadimg", file)).toMatchObject({ errcode });
  });

  it("takes one byte less than a megabyte", async () => {
    const { upload } = await openRig();
    expect(await upload("media/uploadimg", fileOf("jpg", megabyte - 1))).toHaveProperty("url");
  });

  it("refuses a body that is no form", async () => {
    const { call } = await openRig();
    expect(await call("media/uploadimg", { media: "x" })).toMatchObject({ errcode: 41005 });
  });
});

describe("media/upload", () => {
  it.each([
    ["image", "gif"],
    ["voice", "amr"],
    ["voice", "mp3"],
    ["video", "mp4"],
  ] as const)("takes as %s a file that is %s", async (type, kind) => {
    const { upload } = await openRig();
    expect(await upload(`media/upload?type=${type}`, fileOf(kind))).toEqual({
      type,
      media_id: expect.stringMatching(/^[\w-]{64}$/),
      created_at: expect.any(Number),
    });
  });

  it("names the id of a thumb thumb_media_id", async () => {
    const { upload } = await openRig();
    const reply = await upload("media/upload?type=thumb", fileOf("jpg"));
    expect(reply).toHaveProperty("thumb_media_id");
    expect(reply).not.toHaveProperty("media_id");
  });

  it.each([
    ["an unknown type", "film", fileOf("mp4"), 40004],
    ["no type", "", fileOf("mp4"), 40004],
    ["a bmp that is not to stay", "image", fileOf("bmp"), 40005],
    ["a wav that is not to stay", "voice", fileOf("wav"), 40005],
    ["a png as thumb", "thumb", fileOf("png"), 40005],
    ["a file of no known kind", "image", fileOf("pdf"), 40005],
    ["a picture above 10 MB", "image", fileOf("png", 10 * megabyte + 1), 40009],
    ["a voice above 2 MB", "voice", fileOf("mp3", 2 * megabyte + 1), 40010],
    ["a film above 10 MB", "video", fileOf("mp4", 10 * megabyte + 1), 40011],
    ["a thumb above 64 KB", "thumb", fileOf("jpg", 65_537), 40012],
    ["an empty file", "image", new Uint8Array(0), 44001],
  ] as const)("refuses %s", async (_what, type, file, errcode) => {
    const { upload } = await openRig();
    expect(await upload(`media/upload?type=${type}`, file)).toMatchObject({ errcode });
  });

  it("takes a picture of 10 MB, or when told so of no more than 2", async () => {
    const [larger, smaller] = [await openRig(), await openRig({ contentLimits: "smaller" })];
    const file = fileOf("png", 10 * megabyte);
    expect(await larger.upload("media/upload?type=image", file)).toHaveProperty("media_id");
    expect(await smaller.upload("media/upload?type=image", file)).toMatchObject({ errcode: 40009 });
    const small = fileOf("png", 2 * megabyte);
    expect(await smaller.upload("media/upload?type=image", small)).toHaveProperty("media_id");
  });

  it("asks for a token and for POST", async () => {
    const { ask, call } = await openRig();
    expect(await ask("/cgi-bin/media/upload", { method: "POST" })).toMatchObject({ errcode: 41001 });
    expect(await call("media/upload?type=image")).toMatchObject({ errcode: 43002 });
  });
});

describe("a temporary medium", () => {
  it("is good for three days", async () => {
    const { upload, send, advance } = await openRig();
    const { media_id } = await upload("media/upload?type=voice", fileOf("amr"));
    advance(3 * day - 1);
    expect(await send(voiceOf(media_id))).toMatchObject({ errcode: 0 });
    advance(1);
    expect(await send(voiceOf(media_id))).toMatchObject({ errcode: 40007 });
  });

  it("is of its type", async () => {
    const { upload, send } = await openRig();
    const { media_id } = await upload("media/upload?type=image", fileOf("png"));
    expect(await send(voiceOf(media_id))).toMatchObject({ errcode: 40007 });
    expect(await send({ msgtype: "mpnews", mpnews: { media_id } })).toMatchObject({ errcode: 40007 });
    const images = { media_ids: [media_id] };
    expect(await send({ msgtype: "image", images })).toMatchObject({ errcode: 0 });
  });

  it("is of one account", async () => {
    const other = { ...demoAccount, id: "other", appid: "wxother000000000" };
    const { upload, send } = await openRig({ accounts: [demoAccount, other] });
    const { media_id } = await upload("media/upload?type=voice", fileOf("amr"));
    expect(await send(voiceOf(media_id), other)).toMatchObject({ errcode: 40007 });
    expect(await send(voiceOf(media_id))).toMatchObject({ errcode: 0 });
  });
});

describe("a made-up media id", () => {
  it("exists, unless every one must", async () => {
    const [lenient, strict] = [await openRig(), await openRig({ mediaMustExist: true })];
    expect(await lenient.send(voiceOf("made-up"))).toMatchObject({ errcode: 0 });
    expect(await strict.send(voiceOf("made-up"))).toMatchObject({ errcode: 40007 });
  });
});

describe("material/add_material", () => {
  it("keeps things for good, and only a picture has an address", async () => {
    const { upload, send, advance } = await openRig();
    const voice = await upload("material/add_material?type=voice", fileOf("wma"));
    const image = await upload("material/add_material?type=image", fileOf("bmp"));
    expect(voice).toEqual({ media_id: expect.any(String) });
    expect(image).toEqual({ media_id: expect.any(String), url: expect.stringContaining("mmbiz.qpic.cn") });
    advance(100 * day);
    expect(await send(voiceOf(voice.media_id))).toMatchObject({ errcode: 0 });
  });

  it.each([
    ["without a description", {}, { errcode: 47003 }],
    ["with one that is no JSON", { description: "{" }, { errcode: 47001 }],
    ["with one that has no title", { description: "{}" }, { errcode: 47003 }],
    ["with one", { description: '{"title":"片","introduction":"介绍"}' }, { media_id: expect.any(String) }],
  ])("takes a film %s or refuses it", async (_what, fields, reply) => {
    const { upload } = await openRig();
    expect(await upload("material/add_material?type=video", fileOf("mp4"), fields)).toMatchObject(reply);
  });

  it("counts what it keeps, and forgets what is deleted", async () => {
    const { upload, call, send } = await openRig();
    const { media_id } = await upload("material/add_material?type=voice", fileOf("mp3"));
    await upload("material/add_material?type=image", fileOf("png"));
    await upload("media/upload?type=image", fileOf("png"));
    const counts = { voice_count: 1, video_count: 0, image_count: 1, news_count: 0 };
    expect(await call("material/get_materialcount")).toEqual(counts);
    expect(await call("material/del_material", { media_id })).toMatchObject({ errcode: 0 });
    expect(await call("material/get_materialcount")).toEqual({ ...counts, voice_count: 0 });
    expect(await call("material/del_material", { media_id })).toMatchObject({ errcode: 40007 });
    expect(await call("material/del_material", {})).toMatchObject({ errcode: 41006 });
    expect(await send(voiceOf(media_id))).toMatchObject({ errcode: 40007 });
  });

  it("lists what it keeps, the newest first", async () => {
    const { upload, call } = await openRig();
    const first = await upload("material/add_material?type=image", fileOf("png"));
    const second = await upload("material/add_material?type=image", fileOf("jpg"));
    const list = (change: Json) =>
      call("material/batchget_material", { type: "image", offset: 0, count: 20, ...change });
    const item = [second, first].map(({ media_id, url }) => ({
      media_id,
      url,
      name: "file.bin",
      update_time: expect.any(Number),
    }));
    expect(await list({})).toEqual({ total_count: 2, item_count: 2, item });
    expect(await list({ offset: 1, count: 1 })).toMatchObject({ total_count: 2, item: [item[1]] });
    expect(await list({ type: "voice" })).toEqual({ total_count: 0, item_count: 0, item: [] });
    expect(await list({ count: 21 })).toMatchObject({ errcode: 40097 });
    expect(await list({ type: "film" })).toMatchObject({ errcode: 40097 });
  });

  it("does not delete what a menu uses", async () => {
    const { upload, call } = await openRig();
    const { media_id } = await upload("material/add_material?type=image", fileOf("png"));
    const button = [{ name: "图", type: "media_id", media_id }];
    expect(await call("menu/create", { button })).toMatchObject({ errcode: 0 });
    expect(await call("material/del_material", { media_id })).toMatchObject({ errcode: 48005 });
  });
});

describe("media/uploadvideo", () => {
  it("turns an uploaded film into one to send; the film itself is none", async () => {
    const { upload, call, send } = await openRig();
    const { media_id: film } = await upload("media/upload?type=video", fileOf("mp4"));
    const reply = await call("media/uploadvideo", { media_id: film, title: "片", description: "介绍" });
    expect(reply).toEqual({ type: "video", media_id: expect.any(String), created_at: expect.any(Number) });
    const videoOf = (id: unknown) => ({ msgtype: "mpvideo", mpvideo: { media_id: id } });
    expect(await send(videoOf(film))).toMatchObject({ errcode: 40007 });
    expect(await send(videoOf(reply.media_id))).toMatchObject({ errcode: 0 });
  });

  it.each([
    ["no media_id", { media_id: undefined }, 41006],
    ["one that is missing", { media_id: "missing" }, 40007],
    ["a title of 129 characters", { title: "片".repeat(129) }, 45003],
    ["a description of 513", { description: "介".repeat(513) }, 45004],
    ["a title that is a number", { title: 7 }, 47003],
  ])("refuses %s", async (_what, change: Json, errcode) => {
    const { call } = await openRig();
    const body = { media_id: "film", title: "片", description: "介绍", ...change };
    expect(await call("media/uploadvideo", body)).toMatchObject({ errcode });
  });
});

describe("media/uploadnews", () => {
  it("makes articles to send, ten times a day", async () => {
    const { call, article, send } = await openRig();
    const articles = [await article({ title: "题".repeat(64) })];
    const reply = await call("media/uploadnews", { articles });
    expect(reply).toEqual({ type: "news", media_id: expect.any(String), created_at: expect.any(Number) });
    const mpnews = { media_id: reply.media_id };
    expect(await send({ msgtype: "mpnews", mpnews })).toMatchObject({ errcode: 0 });
    for (let count = 1; count < 10; count++) await call("media/uploadnews", { articles });
    expect(await call("media/uploadnews", { articles })).toMatchObject({ errcode: 45009 });
  });

  it("takes a cover that is temporary, which a draft does not", async () => {
    const { call, upload, article } = await openRig();
    const { thumb_media_id } = await upload("media/upload?type=thumb", fileOf("jpg"));
    const articles = [await article({ thumb_media_id })];
    expect(await call("media/uploadnews", { articles })).toHaveProperty("media_id");
    expect(await call("draft/add", { articles })).toMatchObject({ errcode: 40007 });
  });
});
