import { describe, expect, it } from "vitest";
import { unfollowedOpenid } from "../../src/sandbox/followers.ts";
import { followers, type Json, openRig } from "./rig.ts";

const [one = ""] = followers(0, 1);
const text = { msgtype: "text", text: { content: "预览" } };

describe("mass/preview", () => {
  it("shows one follower a message, by OpenID or WeChat id, and pushes nothing", async () => {
    const { call, ask, receiver } = await openRig();
    const shown = { errcode: 0, errmsg: "preview success" };
    expect(await call("message/mass/preview", { touser: one, ...text })).toEqual(shown);
    expect(await call("message/mass/preview", { towxname: "wechat_team", ...text })).toEqual(shown);
    const both = { towxname: "stranger_1", touser: one, ...text };
    expect(await call("message/mass/preview", both)).toMatchObject({ errcode: 43004 });
    expect(await ask("/sandbox/books/demo")).toMatchObject({
      jobs: [],
      previews: [
        { to: `${one.slice(0, 6)}…`, msgtype: "text", text: "预览" },
        { to: "wechat…", msgtype: "text" },
      ],
    });
    expect(receiver.requests).toEqual([]);
  });

  it.each([
    ["nobody", { touser: undefined }, 41009],
    ["a list", { touser: [one] }, 40003],
    ["no OpenID", { touser: "x" }, 40003],
    ["one who does not follow", { touser: unfollowedOpenid("demo", 0) }, 43004],
    ["a WeChat id that can't be one", { towxname: "中文" }, 40132],
    ["several pictures", { msgtype: "image", images: { media_ids: ["a"] } }, 40008],
    ["a card", { msgtype: "wxcard", wxcard: { card_id: "x" } }, 45113],
    ["music without a body", { msgtype: "music" }, 40008],
    ["media that is missing", { msgtype: "voice", voice: { media_id: "missing" } }, 40007],
    ["an empty text", { text: { content: "" } }, 44004],
  ])("refuses %s", async (_what, change: Json, errcode) => {
    const { call } = await openRig();
    const body = { touser: one, ...text, ...change };
    expect(await call("message/mass/preview", body)).toMatchObject({ errcode });
  });

  it("shows one picture, and a draft without using it up", async () => {
    const { call, draft } = await openRig();
    const picture = { touser: one, msgtype: "image", image: { media_id: "a" } };
    expect(await call("message/mass/preview", picture)).toMatchObject({ errcode: 0 });
    const mpnews = { media_id: await draft() };
    expect(await call("message/mass/preview", { touser: one, msgtype: "mpnews", mpnews })).toMatchObject({
      errcode: 0,
    });
    expect(await call("draft/count")).toEqual({ total_count: 1 });
  });

  it("is not for the blacklisted", async () => {
    const { call } = await openRig();
    await call("tags/members/batchblacklist", { openid_list: [one] });
    expect(await call("message/mass/preview", { touser: one, ...text })).toMatchObject({ errcode: 43019 });
  });

  it("ends after a hundred a day, and counts in the minute", async () => {
    const { call, advance } = await openRig();
    const preview = () => call("message/mass/preview", { touser: one, ...text });
    for (let count = 0; count < 60; count++) await preview();
    expect(await preview()).toMatchObject({ errcode: 45011 });
    advance(60_000);
    for (let count = 0; count < 39; count++) await preview();
    expect(await preview()).toMatchObject({ errcode: 45009 });
  });
});

describe("mass/delete", () => {
  const openSent = async (articles = 2) => {
    const rig = await openRig({ callbackMode: "plain" });
    const media_id = await rig.draft(articles);
    const { msg_id, msg_data_id } = await rig.send({ msgtype: "mpnews", mpnews: { media_id } });
    const { body } = await rig.receiver.callback();
    const urls = [...body.matchAll(/<ArticleUrl><!\[CDATA\[(.*?)\]\]>/g)].map(([, url]) => url);
    const remove = (request: Json) => rig.call("message/mass/delete", request);
    return { ...rig, msg_id, msg_data_id, urls, remove };
  };

  it.each([
    ["a number", (id: unknown) => id],
    ["a text", String],
  ])("takes all of a message away, its msg_id given as %s", async (_what, as) => {
    const { remove, poll, msg_id } = await openSent();
    expect(await remove({ msg_id: as(msg_id) })).toMatchObject({ errcode: 0, errmsg: "ok" });
    expect(await poll(msg_id)).toMatchObject({ msg_status: "DELETE" });
    expect(await remove({ msg_id })).toMatchObject({ errcode: 40065 });
  });

  it("takes one article after the other away, counted from 1", async () => {
    const { remove, poll, job, msg_id } = await openSent();
    await remove({ msg_id, article_idx: 2 });
    expect(await poll(msg_id)).toMatchObject({ msg_status: "SEND_SUCCESS" });
    expect(await job(msg_id)).toMatchObject({ deletedArticles: [2] });
    await remove({ msg_id, article_idx: 1 });
    expect(await poll(msg_id)).toMatchObject({ msg_status: "DELETE" });
  });

  it("finds an article by its address where there is no msg_id", async () => {
    const { remove, job, msg_id, urls } = await openSent();
    expect(await remove({ url: urls[1] })).toMatchObject({ errcode: 0 });
    expect(await job(msg_id)).toMatchObject({ deletedArticles: [2] });
    expect(await remove({ msg_id: 7, url: urls[0] })).toMatchObject({ errcode: 40059 });
  });

  it("takes every message of the same material away", async () => {
    const { remove, send, poll, receiver, msg_id, msg_data_id } = await openSent();
    const again = await send({ msgtype: "mpnews", mpnews: { media_id: String(msg_data_id) } });
    await receiver.callback(2);
    await remove({ msg_id: again.msg_id });
    expect(await poll(msg_id)).toMatchObject({ msg_status: "DELETE" });
    expect(await poll(again.msg_id)).toMatchObject({ msg_status: "DELETE" });
  });

  it.each([
    ["an unknown msg_id", { msg_id: 123 }, 40059],
    ["neither msg_id nor url", { article_idx: 0 }, 40059],
    ["an unknown url", { url: "http://mp.weixin.qq.com/s?x" }, 40059],
  ])("refuses %s", async (_what, request, errcode) => {
    const { remove } = await openSent();
    expect(await remove(request)).toMatchObject({ errcode });
  });

  it.each([3, -1, 1.5, "1"])("refuses %o as article of two", async (article_idx) => {
    const { remove, msg_id } = await openSent();
    expect(await remove({ msg_id, article_idx })).toMatchObject({ errcode: 40060 });
  });

  it("is for articles and videos that were sent", async () => {
    const { remove, send, fault, poll, receiver } = await openSent(1);
    const sendText = await send();
    expect(await remove({ msg_id: sendText.msg_id })).toMatchObject({ errcode: 40204 });
    const video = await send({ msgtype: "mpvideo", mpvideo: { media_id: "film" } });
    await receiver.callback(3);
    expect(await remove({ msg_id: video.msg_id })).toMatchObject({ errcode: 0 });
    expect(await poll(video.msg_id)).toMatchObject({ msg_status: "DELETE" });
    await fault({ fault: "err", err: 20001 });
    const failed = await send({ msgtype: "mpnews", mpnews: { media_id: "draft" } });
    await receiver.callback(4);
    expect(await remove({ msg_id: failed.msg_id })).toMatchObject({ errcode: 40065 });
  });

  it("can be called ten times a day", async () => {
    const { remove } = await openSent(1);
    for (let count = 0; count < 10; count++) await remove({ msg_id: 1 });
    expect(await remove({ msg_id: 1 })).toMatchObject({ errcode: 45009 });
  });
});

describe("the speed of mass messages", () => {
  it.each([
    [0, 80],
    [1, 60],
    [2, 45],
    [3, 30],
    [4, 10],
  ])("can be set to %i, which is %i0,000 a minute", async (speed, realspeed) => {
    const { call } = await openRig();
    expect(await call("message/mass/speed/set", { speed })).toEqual({ errcode: 0, errmsg: "" });
    expect(await call("message/mass/speed/get", {})).toEqual({ speed, realspeed });
  });

  it.each([
    [{ speed: 5 }, 45083],
    [{ speed: -1 }, 45083],
    [{ speed: "1" }, 45083],
    [{}, 45084],
  ])("refuses %o", async (body, errcode) => {
    const { call } = await openRig();
    expect(await call("message/mass/speed/set", body)).toMatchObject({ errcode });
  });

  it("is the fastest from the start, and asked for without a body", async () => {
    const { ask, token } = await openRig();
    const path = `/cgi-bin/message/mass/speed/get?access_token=${await token()}`;
    expect(await ask(path, { method: "POST" })).toEqual({ speed: 0, realspeed: 80 });
  });
});
