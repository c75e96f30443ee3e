import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFollowers } from "../../src/wechat/followers.ts";
import { createTags } from "../../src/wechat/tags.ts";
import { openRecorder, type Recorder } from "./recorder.ts";

let wechat: Recorder;
let followers: ReturnType<typeof createFollowers>;
let tags: ReturnType<typeof createTags>;
beforeEach(async () => {
  wechat = await openRecorder();
  followers = createFollowers(wechat.parts);
  tags = createTags(wechat.parts);
});
afterEach(async () => {
  await wechat.close();
  expect(wechat.faults).toEqual([]);
});

const [one, two] = ["oTEST00000000000000000000001", "oTEST00000000000000000000002"] as const;
const done = (value: unknown) => ({ kind: "done", value });

describe("the followers", () => {
  it("are counted by the first page", async () => {
    wechat.answer(`{"total":23000,"count":1,"data":{"openid":["${one}"]},"next_openid":"${one}"}`);
    expect(await followers.count()).toBe(23_000);
    wechat.answer('{"errcode":48001,"errmsg":"api unauthorized"}', '{"count":0}');
    expect([await followers.count(), await followers.count()]).toEqual([undefined, undefined]);
  });

  it("come page by page, until one is empty", async () => {
    wechat.answer(
      `{"total":2,"count":2,"data":{"openid":["${one}","${two}"]},"next_openid":"${two}"}`,
      '{"total":2,"count":0,"next_openid":""}',
    );
    const first = await followers.page();
    expect(first).toEqual(done({ total: 2, openids: [one, two], next: two }));
    expect(wechat.last()).toMatchObject({ path: "/cgi-bin/user/get", query: { access_token: "token-1" } });
    expect(wechat.last().query).not.toHaveProperty("next_openid");
    expect(await followers.page(two)).toEqual(done({ total: 2, openids: [], next: undefined }));
    expect(wechat.last().query).toEqual({ access_token: "token-1", next_openid: two });
  });

  it.each([
    ["no next_openid", `{"total":1,"count":1,"data":{"openid":["${one}"]}}`, [one]],
    ["an empty next_openid", `{"total":1,"count":1,"data":{"openid":["${one}"]},"next_openid":""}`, [one]],
    ["a count of 0", `{"total":1,"count":0,"next_openid":"${one}"}`, []],
  ])("end with %s", async (_what, answer, openids) => {
    wechat.answer(answer);
    expect(await followers.page()).toEqual(done({ total: 1, openids, next: undefined }));
  });

  it("are not taken for none when their list is missing", async () => {
    wechat.answer(`{"total":2,"count":2,"next_openid":"${two}"}`, '{"count":0}');
    expect(await followers.page()).toEqual({
      kind: "unclear",
      error: { message: "the answer does not fit: data" },
    });
    expect(await followers.page()).toEqual({
      kind: "unclear",
      error: { message: "the answer does not fit: total" },
    });
  });

  it("are asked for again when WeChat is busy, and tomorrow when it has been asked too often", async () => {
    wechat.answer('{"errcode":268487002,"errmsg":"busy"}', '{"errcode":45009,"errmsg":"reach max"}');
    expect(await followers.page()).toMatchObject({ kind: "unclear" });
    expect(await followers.page()).toMatchObject({ kind: "not-now", wait: "day" });
  });

  it("with a tag come in pages without a total", async () => {
    wechat.answer(`{"count":1,"data":{"openid":["${one}"]},"next_openid":"${one}"}`, '{"count":0}');
    expect(await followers.tagPage(100)).toEqual(done({ openids: [one], next: one }));
    expect(wechat.last()).toMatchObject({
      path: "/cgi-bin/user/tag/get",
      json: { tagid: 100, next_openid: "" },
    });
    expect(await followers.tagPage(100, one)).toEqual(done({ openids: [], next: undefined }));
    expect(wechat.last().json).toEqual({ tagid: 100, next_openid: one });
  });

  it("are told from those who have left, and from those of whom nothing is said", async () => {
    wechat.answer(
      `{"user_info_list":[{"subscribe":1,"openid":"${one}","nickname":"","subscribe_time":1},{"subscribe":0,"openid":"${two}"}]}`,
    );
    const three = "oTEST00000000000000000000003";
    expect(await followers.describe([one, two, three])).toEqual(
      done(
        new Map([
          [one, true],
          [two, false],
        ]),
      ),
    );
    expect(wechat.last()).toMatchObject({
      path: "/cgi-bin/user/info/batchget",
      json: { user_list: [one, two, three].map((openid) => ({ openid, lang: "zh_CN" })) },
    });
  });

  it("have a refused token replaced on the way", async () => {
    wechat.answer('{"errcode":42001,"errmsg":"access_token expired"}', '{"total":0,"count":0}');
    expect(await followers.page()).toEqual(done({ total: 0, openids: [], next: undefined }));
    expect(wechat.requests.map(({ query }) => query.access_token)).toEqual(["token-1", "token-2"]);
  });
});

describe("the tags", () => {
  it("are listed with how many have them", async () => {
    wechat.answer('{"tags":[{"id":2,"name":"星标组","count":0},{"id":100,"name":"广东","count":5}]}');
    expect(await tags.list()).toEqual(
      done([
        { id: 2, name: "星标组", count: 0 },
        { id: 100, name: "广东", count: 5 },
      ]),
    );
    expect(wechat.last().path).toBe("/cgi-bin/tags/get");
  });

  it("are created, renamed and deleted", async () => {
    wechat.answer('{"tag":{"id":134,"name":"广东"}}');
    expect(await tags.create("广东")).toEqual(done(134));
    expect(wechat.last()).toMatchObject({ path: "/cgi-bin/tags/create", text: '{"tag":{"name":"广东"}}' });
    expect(await tags.rename(134, "广西")).toEqual(done(undefined));
    expect(wechat.last()).toMatchObject({
      path: "/cgi-bin/tags/update",
      json: { tag: { id: 134, name: "广西" } },
    });
    expect(await tags.delete(134)).toEqual(done(undefined));
    expect(wechat.last()).toMatchObject({ path: "/cgi-bin/tags/delete", json: { tag: { id: 134 } } });
    wechat.answer('{"errcode":45057,"errmsg":"too many fans"}');
    expect(await tags.delete(134)).toMatchObject({ kind: "refused", error: { errcode: 45057 } });
  });

  it.each(["tag", "untag"] as const)("are changed for people (%s), of whom some may fail", async (deed) => {
    const people = { tagId: 134, openids: [one, two] };
    expect(await tags[deed](people)).toEqual(done({ failed: [] }));
    expect(wechat.last()).toMatchObject({
      path: `/cgi-bin/tags/members/batch${deed}ging`,
      json: { openid_list: [one, two], tagid: 134 },
    });
    wechat.answer(
      "{}",
      `{"errcode":45171,"errmsg":"some failed","fail_openid_list":["${two}"]}`,
      '{"errcode":45171,"errmsg":"some failed"}',
      '{"errcode":45169,"errmsg":"concurrent"}',
      '{"errcode":45159,"errmsg":"no tag"}',
    );
    expect(await tags[deed](people)).toEqual(done({ failed: [] }));
    expect(await tags[deed](people)).toEqual(done({ failed: [two] }));
    expect(await tags[deed](people)).toMatchObject({ kind: "unclear" });
    expect(await tags[deed](people)).toMatchObject({ kind: "unclear", error: { errcode: 45169 } });
    expect(await tags[deed](people)).toMatchObject({ kind: "refused", error: { errcode: 45159 } });
  });
});
