import { describe, expect } from "vitest";
import { isSendable } from "../../src/campaign/prepared.ts";
import type { ApiReply } from "../../src/wechat/api-reply.ts";
import type { Wait } from "../../src/wechat/errcode-entry.ts";
import { serveTls } from "../fetch/web.ts";
import { mediaFile } from "../support/media.ts";
import { done, failureOf } from "./content-pictures.ts";
import { openContent } from "./content-rig.ts";
import { hour, minute, test } from "./rig.ts";

const MB = 1_048_576;

describe("pictures and voices", () => {
  test("become permanent material, which never runs out", async ({ rig }) => {
    const content = openContent(rig);
    const uploadId = await content.upload(mediaFile("gif", 10 * MB));
    const prepared = done(await content.prepare("offer", { msgtype: "image", image: { uploadId } }));
    expect(prepared).toEqual({
      as: "media",
      message: { msgtype: "image", image: { media_id: "add image-1" } },
    });
    expect(isSendable(prepared, { now: rig.clock.now() + 10_000 * hour, usedUp: true })).toBe(true);
    content.wechat.take();
    expect(done(await content.renew("offer", prepared))).toEqual(prepared);
    expect(content.wechat.take()).toEqual([]);
  });

  test("may be several in one message, in their order, one of them twice", async ({ rig }) => {
    const web = await serveTls((_, response) => response.end(mediaFile("bmp")));
    const content = openContent(rig, { hosts: [web.host] });
    const uploadId = await content.upload(mediaFile("png"));
    const items = [{ url: web.url }, { uploadId }, { url: web.url }];
    const images = {
      items,
      title: "Title",
      recommend: "Words",
      needOpenComment: true,
      onlyFansCanComment: 0,
    };
    expect(done(await content.prepare("offer", { msgtype: "image", images })).message).toEqual({
      msgtype: "image",
      images: {
        media_ids: ["add image-1", "add image-2", "add image-1"],
        title: "Title",
        recommend: "Words",
        need_open_comment: 1,
        only_fans_can_comment: 0,
      },
    });
    expect(web.seen).toHaveLength(1);
  });

  test("are the same file by their bytes, wherever they came from, and another one as another kind", async ({
    rig,
  }) => {
    const web = await serveTls((_, response) => response.end(mediaFile("jpg")));
    const content = openContent(rig, { hosts: [web.host] });
    const uploadId = await content.upload(mediaFile("jpg"));
    const items = [{ url: `${web.url}/a` }, { url: `${web.url}/b` }, { uploadId }];
    const { message } = done(await content.prepare("offer", { msgtype: "image", images: { items } }));
    expect(message).toMatchObject({ images: { media_ids: Array(3).fill("add image-1") } });
    const article = { title: "One", content: `<img src="upload:${uploadId}">`, cover: { uploadId } };
    done(await content.prepare("news", { msgtype: "mpnews", articles: [article] }));
    expect(content.wechat.take()).toEqual(["add image", "add thumb", "uploadimg", "draft"]);
  });

  test("are uploaded by one of two workers that come at once", async ({ rig }) => {
    const [one, other] = [openContent(rig), openContent(rig)];
    const message = { msgtype: "voice", voice: { uploadId: await one.upload(mediaFile("amr")) } };
    const made = await Promise.all([one.prepare("a", message), other.prepare("b", message)]);
    expect(done(made[0])).toEqual(done(made[1]));
    expect([...one.wechat.take(), ...other.wechat.take()]).toEqual(["add voice"]);
  });

  test("that are no such files, or gone, are refused by their names", async ({ rig }) => {
    const content = openContent(rig);
    const uploadId = await content.upload(mediaFile("mp3", 2 * MB + 1));
    const gone = "0b0e1f0a-7f55-4f3b-9d0e-0d9f6f1f2a3b";
    const failures = await Promise.all([
      failureOf(content.prepare("a", { msgtype: "voice", voice: { uploadId } })),
      failureOf(content.prepare("b", { msgtype: "image", image: { uploadId } })),
      failureOf(content.prepare("c", { msgtype: "image", images: { items: [{ uploadId: gone }] } })),
    ]);
    expect(failures.map(({ message }) => message)).toEqual([
      `message.voice: upload ${uploadId}: it has 2097153 bytes, and 2097152 bytes are the most that WeChat takes as voice`,
      `message.image: upload ${uploadId}: it is mp3, and WeChat takes jpg, png, gif, bmp as image`,
      `message.images.items.0: upload ${gone}: there is no such upload, or none any more`,
    ]);
  });
});

describe("a video", () => {
  const mpvideoOf = (uploadId: string, words = {}) => ({
    msgtype: "mpvideo",
    mpvideo: { uploadId, title: "Title", description: "Words", ...words },
  });

  test("is permanent, and what can be sent of it is made anew before it is two and a half days old", async ({
    rig,
  }) => {
    const content = openContent(rig);
    const uploadId = await content.upload(mediaFile("mp4"));
    const first = done(await content.prepare("offer", mpvideoOf(uploadId)));
    const video = { permanentId: "add video-1", title: "Title", description: "Words" };
    const messageOf = (media_id: string) => ({
      msgtype: "mpvideo",
      mpvideo: { media_id, title: "Title", description: "Words" },
    });
    const until = rig.clock.now() + 60 * hour;
    expect(first).toEqual({ as: "video", message: messageOf("uploadvideo-2"), until, ...video });

    rig.clock.advance(60 * hour - 1);
    expect(isSendable(first, { now: rig.clock.now(), usedUp: true })).toBe(true);
    expect(done(await content.prepare("another", mpvideoOf(uploadId)))).toEqual(first);
    rig.clock.advance(1);
    expect(isSendable(first, { now: rig.clock.now(), usedUp: true })).toBe(false);
    content.wechat.take();
    const next = done(await content.renew("offer", first));
    expect(next).toMatchObject({ message: messageOf("uploadvideo-3"), until: rig.clock.now() + 60 * hour });
    expect(content.wechat.take()).toEqual(["uploadvideo"]);
  });

  test("has an id of its own for other words, and is uploaded once", async ({ rig }) => {
    const content = openContent(rig);
    const uploadId = await content.upload(mediaFile("mp4"));
    done(await content.prepare("offer", mpvideoOf(uploadId)));
    done(await content.prepare("other", mpvideoOf(uploadId, { title: "Other" })));
    const bare = done(await content.prepare("bare", mpvideoOf(uploadId, { description: undefined })));
    expect(bare.message).toEqual({
      msgtype: "mpvideo",
      mpvideo: { media_id: expect.any(String), title: "Title" },
    });
    expect(content.wechat.take()).toEqual(["add video", ...Array(3).fill("uploadvideo")]);
  });

  test("whose permanent material is gone is uploaded anew by prepare, and refused by renew", async ({
    rig,
  }) => {
    const content = openContent(rig);
    const uploadId = await content.upload(mediaFile("mp4"));
    const first = done(await content.prepare("offer", mpvideoOf(uploadId)));
    content.wechat.deleteAll();
    rig.clock.advance(60 * hour);
    const failure = await failureOf(content.renew("offer", first));
    expect(failure).toMatchObject({ code: "CONTENT_REFUSED", details: { errcode: 40007 } });
    content.wechat.take();
    done(await content.prepare("offer", mpvideoOf(uploadId)));
    expect(content.wechat.take()).toEqual(["uploadvideo", "add video", "uploadvideo"]);
  });
});

describe("a call of content", () => {
  const error = { errcode: 45009, message: "not now", rid: "1-2" };
  const midnight = new Date("2031-03-05T00:00:00+08:00").getTime();

  test.for<[Wait, string, number | null]>([
    ["day", "daily-quota", midnight],
    ["month", "month", new Date("2031-04-01T00:00:00+08:00").getTime()],
    ["minute", "minute-quota", minute],
    ["admin", "admin-confirmation", 30 * minute],
    ["account", "account", 10 * minute],
    ["content", "content", null],
  ])("that WeChat does not take now (%s) waits: %s", async ([wait, reason, until], { rig }) => {
    const content = openContent(rig);
    const message = { msgtype: "image", image: { uploadId: await content.upload(mediaFile("jpg")) } };
    content.wechat.fail("add image", { kind: "not-now", wait, error });
    const till = until === null || until > hour ? until : rig.clock.now() + until;
    expect(await content.prepare("offer", message)).toEqual({
      kind: "wait",
      waiting: { reason, until: till, trouble: { code: "NOT_NOW", ...error } },
    });
  });

  test("that is refused ends the campaign, naming the file and WeChat's words", async ({ rig }) => {
    const content = openContent(rig);
    const uploadId = await content.upload(mediaFile("jpg"));
    const words: ApiReply<never> = {
      kind: "refused",
      error: { errcode: 40009, message: "invalid image size" },
    };
    content.wechat.fail("add image", words);
    const failure = await failureOf(content.prepare("offer", { msgtype: "image", image: { uploadId } }));
    expect(failure.message).toBe(
      `message.image: upload ${uploadId}: WeChat refused it: invalid image size (40009)`,
    );
    expect(failure.details).toMatchObject({ errcode: 40009, errors: [{ path: "message.image" }] });
    // Nobody has to wait for a lease that its holder does not need any more.
    done(await content.prepare("offer", { msgtype: "image", image: { uploadId } }));
  });

  test("counts towards the budget over all calls, and leaves people a sixth of the minute", async ({
    rig,
  }) => {
    const limits = { callsPerMinute: 6, allCallsPerDay: 7 };
    const content = openContent(rig, { settings: { limits } });
    const marks = ["1", "2", "3", "4", "5", "6", "7", "8"];
    const ids = await Promise.all(marks.map((mark) => content.upload(mediaFile("jpg", 2_000, mark))));
    const message = { msgtype: "image", images: { items: ids.map((uploadId) => ({ uploadId })) } };
    const now = rig.clock.now();
    expect(await content.prepare("offer", message)).toEqual({
      kind: "wait",
      waiting: { reason: "minute-quota", until: now + minute },
    });
    expect(content.wechat.take()).toHaveLength(5);
    rig.clock.advance(minute);
    expect(await content.prepare("offer", message)).toEqual({
      kind: "wait",
      waiting: { reason: "daily-quota", until: midnight },
    });
    expect(content.wechat.take()).toHaveLength(2);
    rig.clock.set("2031-03-05T00:00:00+08:00");
    done(await content.prepare("offer", message));
    expect(content.wechat.take()).toHaveLength(1);
  });

  test("that never left gives its unit back and is made again", async ({ rig }) => {
    const content = openContent(rig, { settings: { limits: { allCallsPerDay: 1 } } });
    const message = { msgtype: "image", image: { uploadId: await content.upload(mediaFile("jpg")) } };
    content.wechat.fail("add image", { kind: "never-left", error: { message: "refused" } });
    expect(await content.prepare("offer", message)).toEqual({
      kind: "again",
      trouble: { code: "NEVER_LEFT", message: "refused" },
    });
    done(await content.prepare("offer", message));
  });
});
