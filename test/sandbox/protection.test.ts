import { describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { node, openRig, type Rig } from "./rig.ts";

const halfAnHour = 30 * 60_000;
const decide = (rig: Rig, verdict: string) =>
  fetch(`${rig.sandbox.url}/sandbox/accounts/demo/confirmation`, {
    method: "POST",
    body: JSON.stringify({ verdict }),
  });

describe("a message to all of a protected account", () => {
  it("is accepted, and goes out when the administrator says so", async () => {
    const rig = await openRig({ massProtection: "callback", callbackMode: "plain" });
    const { errcode, msg_id } = await rig.sendall();
    expect(errcode).toBe(0);
    expect(await rig.poll(msg_id)).toMatchObject({ msg_status: "SENDING" });
    expect((await rig.job(msg_id)).counts).toMatchObject({ total: 0 });
    expect((await decide(rig, "approved")).status).toBe(204);
    const { body } = await rig.receiver.callback();
    expect([node(body, "Status"), node(body, "TotalCount")]).toEqual(["send success", "50"]);
    expect((await rig.job(msg_id)).counts).toMatchObject({ total: 50, sent: 50 });
  });

  it.each([
    ["refused", "err(40001)"],
    ["left alone for half an hour", "err(40002)"],
  ])("that is %s ends with %s", async (what, status) => {
    const rig = await openRig({ massProtection: "callback", callbackMode: "plain" });
    const { msg_id } = await rig.sendall();
    if (what === "refused") await decide(rig, "refused");
    else rig.advance(halfAnHour);
    const { body } = await rig.receiver.callback();
    expect([node(body, "Status"), node(body, "TotalCount")]).toEqual([status, "0"]);
    expect(await rig.poll(msg_id)).toMatchObject({ msg_status: "SEND_FAIL" });
  });

  it("waits for all of the half hour", async () => {
    const rig = await openRig({ massProtection: "callback" });
    const { msg_id } = await rig.sendall();
    rig.advance(halfAnHour - 1);
    expect(await rig.poll(msg_id)).toMatchObject({ msg_status: "SENDING" });
    expect(await rig.sendall()).toMatchObject({ errcode: 89504 });
  });

  it("can be answered 89505, and 89504 while it waits; afterwards its clientmsgid tells the msg_id", async () => {
    const rig = await openRig({ massProtection: "errcode", retryGapMs: 0 });
    expect(await rig.sendall({ clientmsgid: "a" })).toMatchObject({ errcode: 89505 });
    expect(await rig.sendall({ clientmsgid: "a" })).toMatchObject({ errcode: 89504 });
    expect(await rig.sendall({ clientmsgid: "b" })).toMatchObject({ errcode: 89504 });
    const { jobs } = (await rig.ask("/sandbox/books/demo")) as { jobs: { msg_id: string }[] };
    expect(jobs).toHaveLength(1);
    expect(await rig.poll(jobs[0]?.msg_id)).toMatchObject({ errcode: 89504 });
    await decide(rig, "approved");
    await rig.receiver.callback();
    const again = await rig.sendall({ clientmsgid: "a" });
    expect([again.errcode, String(again.msg_id)]).toEqual([45065, jobs[0]?.msg_id]);
  });

  it("does not keep others: sends to a tag or to people go out at once", async () => {
    const rig = await openRig({ massProtection: "callback" });
    await rig.sendall();
    await rig.sendall({ filter: { tag_id: 100 } });
    await rig.send();
    await rig.receiver.callback(2);
  });

  it("is asked about once, and nobody can decide about nothing", async () => {
    const rig = await openRig({ massProtection: "callback" });
    expect((await decide(rig, "approved")).status).toBe(409);
    expect((await decide(rig, "perhaps")).status).toBe(422);
    await rig.sendall();
    await decide(rig, "approved");
    await rig.receiver.callback();
    expect((await decide(rig, "approved")).status).toBe(409);
  });
});

describe("a scripted refusal by the administrator", () => {
  it.each([40001, 40002])("is err(%i) at once", async (err) => {
    const rig = await openRig({ callbackMode: "plain" });
    await rig.fault({ api: "mass/sendall", fault: "err", err });
    const { msg_id } = await rig.sendall();
    expect(node((await rig.receiver.callback()).body, "Status")).toBe(`err(${err})`);
    await until(async () => (await rig.job(msg_id)).status === "SEND_FAIL");
  });

  it("can be an errcode of the call", async () => {
    const rig = await openRig();
    await rig.fault({ api: "mass/sendall", fault: "errcode", errcode: 89505 });
    expect(await rig.sendall()).toMatchObject({ errcode: 89505 });
  });
});
