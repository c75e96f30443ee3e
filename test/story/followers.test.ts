import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { FollowersAnswer } from "../support/strict-followers.ts";
import { expectOnce, expectTrue, openRig, people, type Rig } from "./rig.ts";

const silent: [string, string, FollowersAnswer][] = [
  ["missing", "does not know the call", "not-found"],
  ["refusing", "refuses it", { errcode: 48001, errmsg: "api unauthorized" }],
  ["spent", "says that the day's calls are spent", { errcode: 45009 }],
  ["hanging", "never answers it", "never"],
];

let rig: Rig;
beforeAll(async () => {
  rig = await openRig({
    accounts: Object.fromEntries(["asked", ...silent.map(([id]) => id)].map((id) => [id, {}])),
  });
});
afterEach(() => rig.expectClean());
afterAll(() => rig.close());

test("WeChat is asked once a month how many followers an account has", async () => {
  const desk = rig.desk("asked");
  for (const id of ["asked-1", "asked-2"]) await rig.report(await rig.add(id, "asked", people(40)));
  expect(desk.followerPages.length).toBe(1);
  const [caps] = await rig.client.keys("{qunfa:asked}:caps:????-??");
  expect(await rig.client.hgetall(caps ?? "")).toEqual({ followers: "30000", shards: "16" });
});

test.each(silent)("%s: a WeChat that %s stops no plan", async (account, _, answer) => {
  const desk = rig.desk(account);
  desk.followersAnswer = answer;
  const report = await rig.report(await rig.add(account, account, people(15_000)));
  expect(desk.followerPages.length).toBe(1);
  expect(report).toMatchObject({ state: "completed", sendCalls: 2 });
  expectOnce(desk, account, people(15_000));
  expectTrue(desk, account, report);
});
