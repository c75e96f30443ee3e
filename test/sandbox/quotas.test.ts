import { describe, expect, it } from "vitest";
import { unfollowedOpenid } from "../../src/sandbox/followers.ts";
import { followers, openRig } from "./rig.ts";

const hour = 3_600_000;

describe("the quota of a day", () => {
  it("ends sends with 45028 until midnight in Beijing", async () => {
    const { send, advance } = await openRig({ sendCallsPerDay: 2 });
    await send();
    await send();
    expect(await send()).toMatchObject({ errcode: 45028 });
    advance(12 * hour - 1);
    expect(await send()).toMatchObject({ errcode: 45028 });
    advance(1);
    expect(await send()).toMatchObject({ errcode: 0 });
  });

  it("is used up by refused calls too, with 45009", async () => {
    const { send } = await openRig({ sendCallsPerDay: 2 });
    await send({ touser: [] });
    await send({ touser: [] });
    expect(await send()).toMatchObject({ errcode: 45009 });
  });

  it("does not keep a repeated call from hearing its msg_id", async () => {
    const { send } = await openRig({ sendCallsPerDay: 1, retryGapMs: 0 });
    const { msg_id } = await send({ clientmsgid: "a" });
    expect(await send({ clientmsgid: "a" })).toMatchObject({ errcode: 45065, msg_id });
  });
});

describe("the quota of a minute", () => {
  it("counts all calls about mass messages and begins anew with the next minute", async () => {
    const { send, poll, advance } = await openRig({ callsPerMinute: 2 });
    const { msg_id } = await send();
    await poll(msg_id);
    expect(await send()).toMatchObject({ errcode: 45011 });
    expect(await poll(msg_id)).toMatchObject({ errcode: 45011 });
    advance(60_000);
    expect(await poll(msg_id)).toMatchObject({ msg_id });
  });
});

describe("the cap of a month", () => {
  it("filters followers who had four messages, until the next month begins in Beijing", async () => {
    const { send, job, advance } = await openRig();
    const touser = followers(0, 3);
    for (let round = 0; round < 4; round++) await send({ touser });
    const fifth = await send({ touser: followers(0, 5) });
    expect((await job(fifth.msg_id)).counts).toEqual({ total: 5, filter: 2, sent: 2, error: 0 });
    advance(Date.parse("2026-12-01T00:00:00+08:00") - Date.parse("2026-11-15T12:00:00+08:00"));
    const sixth = await send({ touser });
    expect((await job(sixth.msg_id)).counts).toEqual({ total: 3, filter: 3, sent: 3, error: 0 });
  });
});

describe("the counts of a job", () => {
  it("filter who unfollowed, who is unknown and who is named twice; every 500th follower fails", async () => {
    const { send, job } = await openRig({ followers: 500 });
    const [one = ""] = followers(0, 1);
    const touser = [one, one, ...followers(498, 500), unfollowedOpenid("demo", 0), `o${"x".repeat(27)}`];
    const { msg_id } = await send({ touser });
    const { counts, duplicates, size } = await job(msg_id);
    expect(counts).toEqual({ total: 6, filter: 3, sent: 2, error: 1 });
    expect([size, duplicates]).toEqual([6, 1]);
  });
});
