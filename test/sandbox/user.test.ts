import { describe, expect, it } from "vitest";
import { unfollowedOpenid } from "../../src/sandbox/followers.ts";
import { followers, openRig } from "./rig.ts";

const [one = ""] = followers(0, 1);
const stranger = unfollowedOpenid("demo", 0);

describe("user/info", () => {
  it("describes a follower, and says of others only that they are none", async () => {
    const { call } = await openRig();
    expect(await call(`user/info?openid=${one}&lang=zh_CN`)).toMatchObject({
      subscribe: 1,
      openid: one,
      tagid_list: [100],
      remark: "",
    });
    expect(await call(`user/info?openid=${stranger}`)).toEqual({ subscribe: 0, openid: stranger });
    expect(await call("user/info?openid=x")).toMatchObject({ errcode: 40003 });
    expect(await call("user/info")).toMatchObject({ errcode: 41009 });
  });
});

describe("user/info/updateremark", () => {
  it("keeps what is below thirty bytes", async () => {
    const { call } = await openRig();
    const remark = `${"备".repeat(9)}xx`;
    expect(await call("user/info/updateremark", { openid: one, remark })).toMatchObject({ errcode: 0 });
    expect(await call(`user/info?openid=${one}`)).toMatchObject({ remark });
  });

  it.each([
    ["thirty bytes", { remark: "备".repeat(10) }, 40092],
    ["no remark", { remark: undefined }, 40092],
    ["nobody", { openid: undefined }, 41009],
    ["no OpenID", { openid: "x" }, 40003],
    ["one who does not follow", { openid: stranger }, 46004],
  ])("refuses %s", async (_what, change, errcode) => {
    const { call } = await openRig();
    const body = { openid: one, remark: "备注", ...change };
    expect(await call("user/info/updateremark", body)).toMatchObject({ errcode });
  });
});

describe("the blacklist", () => {
  it("keeps people from mass messages until they are taken off it", async () => {
    const { call, send, job } = await openRig();
    const openid_list = followers(0, 2);
    expect(await call("tags/members/batchblacklist", { openid_list })).toMatchObject({ errcode: 0 });
    const first = await send({ touser: followers(0, 5) });
    expect((await job(first.msg_id)).counts).toEqual({ total: 5, filter: 3, sent: 3, error: 0 });
    await call("tags/members/batchunblacklist", { openid_list });
    const second = await send({ touser: followers(0, 5) });
    expect((await job(second.msg_id)).counts).toMatchObject({ filter: 5 });
  });

  it("is listed a thousand a page", async () => {
    const { call } = await openRig({ followers: 1001 });
    for (let from = 0; from < 1001; from += 20) {
      const openid_list = followers(from, Math.min(from + 20, 1001));
      await call("tags/members/batchblacklist", { openid_list });
    }
    const first = await call("tags/members/getblacklist", { begin_openid: "" });
    expect(first).toMatchObject({ total: 1001, count: 1000, next_openid: followers(999, 1000)[0] });
    const second = await call("tags/members/getblacklist", { begin_openid: first.next_openid });
    expect(second).toMatchObject({ total: 1001, count: 1, data: { openid: followers(1000, 1001) } });
    const last = await call("tags/members/getblacklist", { begin_openid: second.next_openid });
    expect(last).toEqual({ total: 1001, count: 0, next_openid: "" });
    expect(await call("tags/members/getblacklist", { begin_openid: stranger })).toMatchObject({
      errcode: 40003,
    });
  });

  it.each([
    ["more than twenty", followers(0, 21), 40032],
    ["nobody", [], 40032],
    ["no list", undefined, 40031],
    ["a text that is no OpenID", ["x"], 40003],
    ["one who does not follow", [stranger], 40003],
  ])("refuses %s", async (_what, openid_list, errcode) => {
    const { call } = await openRig();
    expect(await call("tags/members/batchblacklist", { openid_list })).toMatchObject({ errcode });
  });
});
