import { describe, expect, it } from "vitest";
import { demoAccount } from "../../src/sandbox/demo-account.ts";
import { followerOpenid, unfollowedOpenid } from "../../src/sandbox/followers.ts";
import { followers, type Json, openRig } from "./rig.ts";

const [one = "", two = ""] = followers(0, 2);
const stranger = unfollowedOpenid("demo", 0);

describe("the tags at the start", () => {
  it("are the same for everybody", async () => {
    const { call } = await openRig();
    expect(await call("tags/get")).toEqual({
      tags: [
        { id: 2, name: "星标组", count: 0 },
        { id: 100, name: "VIP", count: 5 },
        { id: 101, name: "新关注", count: 10 },
        { id: 102, name: "空标签", count: 0 },
      ],
    });
    expect(await call("user/tag/get", { tagid: 101 })).toMatchObject({
      count: 10,
      data: { openid: followers(40, 50) },
    });
  });
});

describe("tags/create, update and delete", () => {
  it("make, rename and remove a tag", async () => {
    const { call } = await openRig();
    expect(await call("tags/create", { tag: { name: "老客" } })).toEqual({ tag: { id: 103, name: "老客" } });
    expect(await call("tags/update", { tag: { id: 103, name: "旧客" } })).toMatchObject({ errcode: 0 });
    expect(await call("tags/update", { tag: { id: 103, name: "旧客" } })).toMatchObject({ errcode: 0 });
    const { tags } = (await call("tags/get")) as { tags: Json[] };
    expect(tags.at(-1)).toEqual({ id: 103, name: "旧客", count: 0 });
    expect(await call("tags/delete", { tag: { id: 103 } })).toMatchObject({ errcode: 0 });
    expect(await call("tags/delete", { tag: { id: 103 } })).toMatchObject({ errcode: 45159 });
  });

  it.each([
    ["no name", {}, 45157],
    ["an empty name", { tag: { name: " " } }, 45157],
    ["a name that is taken", { tag: { name: "VIP" } }, 45157],
    ["a name of 31 characters", { tag: { name: "名".repeat(31) } }, 45158],
  ])("refuse %s", async (_what, body, errcode) => {
    const { call } = await openRig();
    expect(await call("tags/create", body)).toMatchObject({ errcode });
  });

  it("leave the system's tags alone, and know no others", async () => {
    const { call } = await openRig();
    for (const id of [0, 1, 2]) {
      expect(await call("tags/update", { tag: { id, name: "x" } })).toMatchObject({ errcode: 45058 });
      expect(await call("tags/delete", { tag: { id } })).toMatchObject({ errcode: 45058 });
    }
    expect(await call("tags/update", { tag: { id: 999, name: "x" } })).toMatchObject({ errcode: 45159 });
    expect(await call("tags/update", { tag: { id: 100, name: "新关注" } })).toMatchObject({ errcode: 45157 });
  });

  it("stop at a hundred tags", async () => {
    const { call } = await openRig();
    for (let count = 3; count < 100; count++) await call("tags/create", { tag: { name: `t${count}` } });
    expect(await call("tags/create", { tag: { name: "x" } })).toMatchObject({ errcode: 45056 });
  });

  it("do not remove a tag of more than 100,000 people", async () => {
    const { call } = await openRig({ followers: 500_010 });
    const { tags } = (await call("tags/get")) as { tags: Json[] };
    expect(tags.find(({ id }) => id === 101)?.count).toBe(100_002);
    expect(await call("tags/delete", { tag: { id: 101 } })).toMatchObject({ errcode: 45057 });
  });
});

describe("tagging", () => {
  it("gives and takes tags, and sendall finds who has them", async () => {
    const { call, sendall, job } = await openRig();
    const openid_list = [one, two];
    expect(await call("tags/members/batchtagging", { tagid: 102, openid_list })).toMatchObject({
      errcode: 0,
    });
    expect(await call("tags/getidlist", { openid: one })).toEqual({ tagid_list: [100, 102] });
    expect(await call(`user/info?openid=${two}`)).toMatchObject({ groupid: 102, tagid_list: [102] });
    const { msg_id } = await sendall({ filter: { tag_id: 102 } });
    expect((await job(msg_id)).counts).toMatchObject({ total: 2, sent: 2 });
    await call("tags/members/batchuntagging", { tagid: 102, openid_list: [one] });
    expect(await call("user/tag/get", { tagid: 102 })).toEqual({
      count: 1,
      data: { openid: [two] },
      next_openid: two,
    });
  });

  it.each([
    ["more than fifty people", { openid_list: followers(0, 51) }, 40032],
    ["nobody", { openid_list: [] }, 40032],
    ["no list", { openid_list: one }, 40031],
    ["a text that is no OpenID", { openid_list: [one, "x"] }, 40003],
    ["a tag that is not there", { tagid: 999 }, 45159],
  ])("refuses %s", async (_what, change: Json, errcode) => {
    const { call } = await openRig({ followers: 60 });
    for (const api of ["batchtagging", "batchuntagging"]) {
      const body = { tagid: 100, openid_list: [one], ...change };
      expect(await call(`tags/members/${api}`, body)).toMatchObject({ errcode });
    }
  });

  it("takes fifty, tags those who follow and names those who don't", async () => {
    const { call } = await openRig();
    const openid_list = [...followers(0, 49), stranger];
    expect(await call("tags/members/batchtagging", { tagid: 102, openid_list })).toMatchObject({
      errcode: 45171,
      fail_openid_list: [stranger],
    });
    expect(await call("user/tag/get", { tagid: 102 })).toMatchObject({ count: 49 });
  });

  it("knows the followers of another account", async () => {
    const other = { ...demoAccount, id: "other", appid: "wxother000000000" };
    const { call } = await openRig({ accounts: [demoAccount, other] });
    const openid_list = [followerOpenid("other", 0)];
    expect(await call("tags/members/batchtagging", { tagid: 100, openid_list })).toMatchObject({
      errcode: 49003,
    });
    expect(await call("tags/members/batchblacklist", { openid_list })).toMatchObject({ errcode: 49003 });
  });

  it("gives one person no more than twenty tags", async () => {
    const { call } = await openRig();
    for (let count = 0; count < 19; count++) {
      const { tag } = (await call("tags/create", { tag: { name: `t${count}` } })) as { tag: Json };
      await call("tags/members/batchtagging", { tagid: tag.id, openid_list: [one] });
    }
    const tagging = (tagid: number) => call("tags/members/batchtagging", { tagid, openid_list: [one] });
    expect(await tagging(102)).toMatchObject({ errcode: 45059 });
    expect(await tagging(100)).toMatchObject({ errcode: 0 });
  });

  it("can be told to meet another tagging of the same person", async () => {
    const { call, fault } = await openRig();
    await fault({ api: "tags/members/batchtagging", fault: "errcode", errcode: 45169 });
    const body = { tagid: 102, openid_list: [one] };
    expect(await call("tags/members/batchtagging", body)).toMatchObject({ errcode: 45169 });
    expect(await call("tags/members/batchtagging", body)).toMatchObject({ errcode: 0 });
  });
});

describe("user/tag/get", () => {
  it("has pages of 10,000, by POST as by GET, and an empty one without data at the end", async () => {
    const { call } = await openRig({ followers: 100_010 });
    const first = await call("user/tag/get", { tagid: 100, next_openid: "" });
    expect(first).toMatchObject({ count: 10_000, next_openid: followerOpenid("demo", 99_990) });
    const next_openid = String(first.next_openid);
    const second = await call(`user/tag/get?tagid=100&next_openid=${next_openid}`);
    expect(second).toMatchObject({ count: 1, data: { openid: [followerOpenid("demo", 100_000)] } });
    const last = String(second.next_openid);
    expect(await call("user/tag/get", { tagid: 100, next_openid: last })).toEqual({
      count: 0,
      next_openid: "",
    });
  });

  it("refuses a tag that is not there, and a stranger to go on from", async () => {
    const { call } = await openRig();
    expect(await call("user/tag/get", { tagid: 999 })).toMatchObject({ errcode: 45159 });
    expect(await call("user/tag/get", { tagid: 100, next_openid: two })).toMatchObject({ errcode: 40003 });
  });
});

describe("tags/getidlist", () => {
  it.each([
    ["nobody", undefined, 41009],
    ["no OpenID", "x", 40003],
    ["one who does not follow", stranger, 46004],
  ])("refuses %s", async (_what, openid, errcode) => {
    const { call } = await openRig();
    expect(await call("tags/getidlist", { openid })).toMatchObject({ errcode });
  });
});
