import { describe, expect, it } from "vitest";
import { followerOpenid, looksLikeOpenid, unfollowedOpenid } from "../../src/sandbox/followers.ts";
import { followers, type Json, openRig } from "./rig.ts";

describe("the OpenIDs of a sandbox", () => {
  it("look like OpenIDs, differ, and are the same every time", () => {
    const all = [
      ...Array.from({ length: 1000 }, (_, index) => followerOpenid("demo", index)),
      ...Array.from({ length: 1000 }, (_, index) => followerOpenid("other", index)),
      ...Array.from({ length: 1000 }, (_, index) => unfollowedOpenid("demo", index)),
    ];
    expect(new Set(all).size).toBe(3000);
    expect(all.every(looksLikeOpenid)).toBe(true);
    expect(followerOpenid("demo", 0)).toBe("oqR5SxQsDXIxTvR1Ex1cOPLSrSTN");
  });
});

describe("user/get", () => {
  it("gives all followers in pages of 10,000 and an empty page at the end", async () => {
    const { ask, token } = await openRig({ followers: 12_000 });
    const pages: Json[] = [];
    let next: unknown = "";
    do {
      const page = await ask(`/cgi-bin/user/get?access_token=${await token()}&next_openid=${next}`);
      pages.push(page);
      next = page.next_openid;
    } while (next !== "");
    expect(pages.map(({ total, count }) => [total, count])).toEqual([
      [12_000, 10_000],
      [12_000, 2000],
      [12_000, 0],
    ]);
    expect(pages.flatMap(({ data }) => (data as { openid: string[] } | undefined)?.openid ?? [])).toEqual(
      followers(0, 12_000),
    );
    expect(pages[2]).not.toHaveProperty("data");
  });

  it("refuses to go on from a stranger, and the 501st call of a day", async () => {
    const { ask, token } = await openRig();
    const access = await token();
    expect(await ask(`/cgi-bin/user/get?access_token=${access}&next_openid=nobody`)).toMatchObject({
      errcode: 40003,
    });
    for (let call = 1; call < 500; call++) await ask(`/cgi-bin/user/get?access_token=${access}`);
    expect(await ask(`/cgi-bin/user/get?access_token=${access}`)).toMatchObject({ errcode: 45009 });
  });
});

describe("user/info/batchget", () => {
  const batchget = async (openids: string[]) => {
    const { post, token } = await openRig();
    const body = { user_list: openids.map((openid) => ({ openid, lang: "zh_CN" })) };
    return post(`/cgi-bin/user/info/batchget?access_token=${await token()}`, body);
  };

  it("tells of one who does not follow only that", async () => {
    const [one = ""] = followers(0, 1);
    const gone = unfollowedOpenid("demo", 0);
    expect(await batchget([one, gone])).toEqual({
      user_info_list: [
        expect.objectContaining({ subscribe: 1, openid: one, subscribe_time: expect.any(Number) }),
        { subscribe: 0, openid: gone },
      ],
    });
  });

  it.each([
    ["101 people", followers(0, 50).concat(followers(0, 51)), 40032],
    ["nobody", [], 47003],
    ["one who can't be anybody", ["x"], 40003],
  ])("refuses %s", async (_what, openids, errcode) => {
    expect(await batchget(openids)).toMatchObject({ errcode });
  });
});
