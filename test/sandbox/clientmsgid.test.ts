import { describe, expect, it } from "vitest";
import { followers, openRig } from "./rig.ts";

const minute = 60_000;
const hour = 60 * minute;

describe("a clientmsgid that comes again", () => {
  it("within a minute of its last try is too fast, later gets the first msg_id", async () => {
    const { send, advance } = await openRig();
    const { msg_id } = await send({ clientmsgid: "a" });
    advance(minute - 1);
    expect(await send({ clientmsgid: "a" })).not.toHaveProperty("msg_id");
    advance(minute - 1);
    expect(await send({ clientmsgid: "a" })).toMatchObject({ errcode: 45066 });
    advance(minute);
    expect(await send({ clientmsgid: "a" })).toMatchObject({ errcode: 45065, msg_id });
  });

  it("is a new message after 24 hours", async () => {
    const { send, advance } = await openRig();
    const { msg_id } = await send({ clientmsgid: "a" });
    advance(24 * hour - 1);
    expect(await send({ clientmsgid: "a" })).toMatchObject({ errcode: 45065, msg_id });
    advance(minute);
    const again = await send({ clientmsgid: "a" });
    expect(again).toMatchObject({ errcode: 0 });
    expect(again.msg_id).not.toBe(msg_id);
  });

  it("counts even with another text and other people", async () => {
    const { send, advance } = await openRig();
    const { msg_id } = await send({ clientmsgid: "a" });
    advance(minute);
    const change = { clientmsgid: "a", touser: followers(5, 9), text: { content: "other" } };
    expect(await send(change)).toMatchObject({ errcode: 45065, msg_id });
  });

  it("is free again for a try that was refused for the quota", async () => {
    const { send, advance } = await openRig({ sendCallsPerDay: 0 });
    expect(await send({ clientmsgid: "a" })).toMatchObject({ errcode: 45028 });
    expect(await send({ clientmsgid: "a" })).toMatchObject({ errcode: 45066 });
    advance(minute);
    expect(await send({ clientmsgid: "a" })).toMatchObject({ errcode: 45028 });
  });

  it("may come at once when the gap is set to nothing", async () => {
    const { send } = await openRig({ retryGapMs: 0 });
    const { msg_id } = await send({ clientmsgid: "a" });
    expect(await send({ clientmsgid: "a" })).toMatchObject({ errcode: 45065, msg_id });
  });
});

describe("a message without a clientmsgid", () => {
  const same = { clientmsgid: undefined, text: { content: "same" } };

  it("is refused when the same people get the same text within 24 hours", async () => {
    const { send, advance } = await openRig();
    const { msg_id } = await send(same);
    expect(await send(same)).toMatchObject({ errcode: 45065, msg_id });
    advance(24 * hour);
    expect(await send(same)).toMatchObject({ errcode: 0 });
  });

  it("is accepted for other people, or with another text", async () => {
    const { send } = await openRig();
    await send(same);
    expect(await send({ ...same, touser: followers(5, 9) })).toMatchObject({ errcode: 0 });
    expect(await send({ ...same, text: { content: "other" } })).toMatchObject({ errcode: 0 });
  });
});
