import { describe, expect } from "vitest";
import { isSendable } from "../../src/campaign/prepared.ts";
import { mediaFile } from "../support/media.ts";
import { done, failureOf, mediaIdOf, servePictures, threeOf } from "./content-pictures.ts";
import { openContent } from "./content-rig.ts";
import { hour, minute, test } from "./rig.ts";

describe("material that a person has deleted at WeChat", () => {
  test("is uploaded anew, once, though it be remembered", async ({ rig }) => {
    const pictures = await servePictures();
    pictures.files["/3.png"] = mediaFile("png", 3_000, "3");
    const content = openContent(rig, { hosts: [pictures.host] });
    done(await content.prepare("offer", threeOf(pictures)));
    content.wechat.deleteAll();
    content.wechat.take();
    done(await content.prepare("another", threeOf(pictures)));
    expect(content.wechat.take()).toEqual(["draft", "add thumb", "draft"]);
  });

  test("and is refused again ends the campaign, with WeChat's words", async ({ rig }) => {
    const pictures = await servePictures();
    pictures.files["/3.png"] = mediaFile("png", 3_000, "3");
    const content = openContent(rig, { hosts: [pictures.host] });
    done(await content.prepare("offer", threeOf(pictures)));
    const gone = {
      kind: "refused",
      error: { errcode: 40007, message: "invalid media_id", rid: "1-2" },
    } as const;
    for (let time = 0; time < 2; time++) content.wechat.fail("draft", gone);
    const failure = await failureOf(content.prepare("another", threeOf(pictures)));
    expect(failure.message).toBe("message: WeChat refused it: invalid media_id (40007)");
    expect(failure.details).toMatchObject({ errcode: 40007, rid: "1-2" });
  });

  test("is uploaded anew when a send has told so", async ({ rig }) => {
    const content = openContent(rig);
    const message = { msgtype: "voice", voice: { uploadId: await content.upload(mediaFile("mp3")) } };
    const first = done(await content.prepare("offer", message));
    const again = done(await content.prepare("offer", message));
    expect(again).toEqual(first);
    const anew = done(await content.prepare("offer", message, { anew: true }));
    expect(anew).not.toEqual(first);
    expect(content.wechat.take()).toEqual(["add voice", "add voice"]);
  });
});

describe("uploadnews, where the account is set to it", () => {
  const settings = { articles: "uploadnews" };

  test("is called once a campaign and three days, crash or not, and used for all batches", async ({
    rig,
  }) => {
    const pictures = await servePictures();
    pictures.files["/3.png"] = mediaFile("png", 3_000, "3");
    const content = openContent(rig, { hosts: [pictures.host], settings });
    const first = done(await content.prepare("offer", threeOf(pictures)));
    expect(first).toMatchObject({ as: "news", until: rig.clock.now() + 60 * hour });
    expect(done(await content.prepare("offer", threeOf(pictures)))).toEqual(first);
    expect(content.wechat.take().filter((call) => call === "uploadnews")).toHaveLength(1);
    expect(isSendable(first, { now: rig.clock.now(), usedUp: true })).toBe(true);

    rig.clock.advance(60 * hour);
    expect(isSendable(first, { now: rig.clock.now(), usedUp: false })).toBe(false);
    const next = done(await content.renew("offer", first));
    expect(content.wechat.take()).toEqual(["uploadnews"]);
    expect(mediaIdOf(next)).not.toBe(mediaIdOf(first));
    expect(mediaIdOf(done(await content.renew("offer", next)))).not.toBe(mediaIdOf(next));
  });

  test("waits for tomorrow when the day's calls are used up, and has counted each", async ({ rig }) => {
    const pictures = await servePictures();
    pictures.files["/3.png"] = mediaFile("png", 3_000, "3");
    const limits = { uploadNewsPerDay: 2 };
    const content = openContent(rig, { hosts: [pictures.host], settings: { ...settings, limits } });
    const lost = { kind: "unclear", error: { message: "lost" } } as const;
    content.wechat.fail("uploadnews", lost);
    expect(await content.prepare("offer", threeOf(pictures))).toMatchObject({ kind: "again" });
    done(await content.prepare("offer", threeOf(pictures)));
    rig.clock.advance(minute);
    const waiting = { reason: "daily-quota", until: new Date("2031-03-05T00:00:00+08:00").getTime() };
    expect(await content.prepare("another", threeOf(pictures))).toEqual({ kind: "wait", waiting });
    content.wechat.take();
    rig.clock.set("2031-03-05T00:00:00+08:00");
    done(await content.prepare("another", threeOf(pictures)));
    expect(content.wechat.take()).toEqual(["uploadnews"]);
  });

  test("that WeChat says is spent is not called again that day; one that never left costs nothing", async ({
    rig,
  }) => {
    const pictures = await servePictures();
    pictures.files["/3.png"] = mediaFile("png", 3_000, "3");
    const content = openContent(rig, { hosts: [pictures.host], settings });
    content.wechat.fail("uploadnews", { kind: "never-left", error: { message: "refused" } });
    expect(await content.prepare("offer", threeOf(pictures))).toMatchObject({ kind: "again" });
    expect(await rig.redis.hget(rig.keys.quota("acme", "2031-03-04"), "units:uploadNews")).toBe("0");
    const error = { errcode: 45009, message: "reach max api daily quota limit" };
    content.wechat.fail("uploadnews", { kind: "not-now", wait: "day", error });
    const until = new Date("2031-03-05T00:00:00+08:00").getTime();
    for (const calls of [["uploadnews"], []]) {
      content.wechat.take();
      expect(await content.prepare("offer", threeOf(pictures))).toMatchObject({
        kind: "wait",
        waiting: { reason: "daily-quota", until },
      });
      expect(content.wechat.take()).toEqual(calls);
    }
  });
});
