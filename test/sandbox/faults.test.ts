import { describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { node, openRig, type Rig } from "./rig.ts";

const accepted = async ({ ask }: Rig) =>
  ((await ask("/sandbox/books/demo/summary")) as { jobs: number }).jobs;

describe("a fault about the answer", () => {
  it("can lose the answer of an accepted call", async () => {
    const rig = await openRig({ retryGapMs: 0 });
    await rig.fault({ fault: "answer-lost" });
    await expect(rig.send({ clientmsgid: "a" })).rejects.toThrow();
    expect(await accepted(rig)).toBe(1);
    const again = await rig.send({ clientmsgid: "a" });
    expect(again).toMatchObject({ errcode: 45065, msg_id: expect.any(Number) });
    await rig.receiver.callback();
  });

  it("can cut the connection before anything happened", async () => {
    const rig = await openRig();
    await rig.fault({ fault: "reset" });
    await expect(rig.send({ clientmsgid: "a" })).rejects.toThrow();
    expect(await accepted(rig)).toBe(0);
    expect(await rig.send({ clientmsgid: "a" })).toMatchObject({ errcode: 0 });
  });

  it.each([
    ["without", undefined, 0],
    ["with", true, 1],
  ])("can be -1, %s an effect", async (_what, effect, jobs) => {
    const rig = await openRig();
    await rig.fault({ fault: "errcode", errcode: -1, accepted: effect });
    expect(await rig.send()).toMatchObject({
      errcode: -1,
      errmsg: expect.stringMatching(/^system error rid: /),
    });
    expect(await accepted(rig)).toBe(jobs);
  });

  it("can be 45066, or a 45065 that is the first visible answer and names the job", async () => {
    const rig = await openRig();
    await rig.fault({ fault: "errcode", errcode: 45066 });
    await rig.fault({ fault: "errcode", errcode: 45065, accepted: true });
    expect(await rig.send()).toMatchObject({ errcode: 45066 });
    const { errcode, msg_id } = await rig.send();
    expect(errcode).toBe(45065);
    await rig.job(msg_id);
  });

  it("can be a page instead of JSON, with status 502 or 200", async () => {
    const { sandbox, fault } = await openRig();
    await fault({ fault: "http-502", api: "token" });
    await fault({ fault: "html", api: "token" });
    const first = await fetch(`${sandbox.url}/cgi-bin/token`);
    const second = await fetch(`${sandbox.url}/cgi-bin/token`);
    expect([first.status, second.status]).toEqual([502, 200]);
    expect(await first.text()).toContain("502 Bad Gateway");
    expect(await second.text()).toContain("<html>");
  });

  it("can hold the answer back while the call has its effect", async () => {
    const rig = await openRig();
    await rig.fault({ fault: "delay", ms: 300 });
    let answered = false;
    const reply = rig.send().finally(() => {
      answered = true;
    });
    await rig.receiver.callback();
    expect(answered).toBe(false);
    expect(await reply).toMatchObject({ errcode: 0 });
  });

  it("can end the token of a call, and the next token is another", async () => {
    const rig = await openRig();
    const token = await rig.token();
    await rig.fault({ fault: "token-invalid" });
    expect(await rig.send()).toMatchObject({ errcode: 40001 });
    expect(await rig.token()).not.toBe(token);
    expect(await rig.send()).toMatchObject({ errcode: 0 });
  });
});

describe("a fault about the job", () => {
  it("can give it any err(n), with counts of nothing", async () => {
    const { fault, send, poll, receiver } = await openRig({ callbackMode: "plain" });
    await fault({ fault: "err", err: 20431 });
    const { msg_id } = await send();
    const { body } = await receiver.callback();
    expect(node(body, "Status")).toBe("err(20431)");
    expect(["TotalCount", "SentCount"].map((name) => node(body, name))).toEqual(["0", "0"]);
    expect(await poll(msg_id)).toMatchObject({ msg_status: "SEND_FAIL" });
  });

  it("can fail it", async () => {
    const { fault, send, receiver } = await openRig({ callbackMode: "plain" });
    await fault({ fault: "send-fail" });
    await send();
    const { body } = await receiver.callback();
    expect(["Status", "SentCount", "ErrorCount"].map((name) => node(body, name))).toEqual([
      "send fail",
      "0",
      "3",
    ]);
  });

  it("spends nobody's month when nothing was sent", async () => {
    const { fault, send, job } = await openRig({ perUserPerMonth: 1 });
    await fault({ fault: "err", err: 10001 });
    await fault({ fault: "send-fail", after: 1 });
    await send();
    await send();
    const { msg_id } = await send();
    expect((await job(msg_id)).counts).toMatchObject({ sent: 3 });
  });

  it("can leave it SENDING for good", async () => {
    const { fault, send, poll, receiver } = await openRig();
    await fault({ fault: "stuck" });
    const { msg_id } = await send();
    await send();
    await receiver.callback();
    expect(await poll(msg_id)).toMatchObject({ msg_status: "SENDING" });
  });

  it("can have a poll say DELETE though the push said success", async () => {
    const { fault, send, poll, receiver } = await openRig({ callbackMode: "plain" });
    await fault({ fault: "deleted" });
    const { msg_id } = await send();
    expect(node((await receiver.callback()).body, "Status")).toBe("send success");
    expect(await poll(msg_id)).toMatchObject({ msg_status: "DELETE" });
  });

  it("can keep the push from ever coming", async () => {
    const { fault, send, poll, receiver } = await openRig({ callbackMode: "plain" });
    await fault({ fault: "no-callback" });
    const first = await send();
    const second = await send();
    const { body } = await receiver.callback();
    expect(node(body, "MsgID")).toBe(String(second.msg_id));
    expect(await poll(first.msg_id)).toMatchObject({ msg_status: "SEND_SUCCESS" });
  });

  it.each([
    [undefined, 2],
    [3, 3],
  ])("can push copies (asked: %s)", async (copies, came) => {
    const { fault, send, receiver } = await openRig();
    await fault({ fault: "double-callback", copies });
    await send();
    await receiver.callback(came);
    expect(new Set(receiver.requests.map(({ body }) => body)).size).toBe(1);
  });

  it("can push before the reply is out", async () => {
    const { fault, send, receiver } = await openRig({ callbackMode: "plain" });
    await fault({ fault: "callback-before-reply" });
    const { msg_id } = await send();
    expect(receiver.requests).toHaveLength(1);
    expect(node(receiver.requests[0]?.body ?? "", "MsgID")).toBe(String(msg_id));
  });

  it.each([0, 1, 2])("can push %i ms after the reply", async (ms) => {
    const { fault, send, receiver } = await openRig({ callbackDelayMs: [60_000, 60_000] });
    await fault({ fault: "callback-after", ms });
    expect(await send()).toMatchObject({ errcode: 0 });
    await receiver.callback();
  });

  it("still pushes after a reply that was lost", async () => {
    const { fault, send, receiver } = await openRig({ callbackDelayMs: [60_000, 60_000] });
    await fault({ fault: "callback-after", ms: 1 });
    await fault({ fault: "answer-lost" });
    await expect(send()).rejects.toThrow();
    await receiver.callback();
  });

  it("can pad the texts of a push, or leave the result nodes out", async () => {
    const { fault, send, receiver } = await openRig({ callbackMode: "plain" });
    await fault({ fault: "padded-callback" });
    await fault({ fault: "bare-callback" });
    await send();
    const { body } = await receiver.callback();
    expect(node(body, "Status")).toMatch(/^\s+send success\s+$/);
    expect(body).not.toContain("CopyrightCheckResult");
  });
});

describe("faults", () => {
  it("strike the calls they are for: of one account, after some, so many times", async () => {
    const rig = await openRig();
    await rig.fault({ account: "other", fault: "errcode", errcode: 50001 });
    await rig.fault({ account: "demo", fault: "errcode", errcode: 45011, after: 1, times: 2 });
    const codes = [];
    for (let call = 0; call < 4; call++) codes.push((await rig.send()).errcode);
    expect(codes).toEqual([0, 45011, 45011, 0]);
  });

  it("are told with what they did, and can be called off", async () => {
    const { sandbox, fault, send, ask } = await openRig();
    expect(await fault({ fault: "err", err: 10001 })).toMatchObject({
      id: 1,
      api: "mass/send",
      times: 1,
      fired: 0,
    });
    await fault({ fault: "reset", times: 100 });
    expect(await ask("/sandbox/faults")).toMatchObject({ faults: [{ id: 1 }, { id: 2, times: 100 }] });
    await fetch(`${sandbox.url}/sandbox/faults`, { method: "DELETE" });
    expect(await ask("/sandbox/faults")).toEqual({ faults: [] });
    expect(await send()).toMatchObject({ errcode: 0 });
  });

  it.each([
    [{ fault: "errcode" }, "errcode"],
    [{ fault: "err" }, "err"],
    [{ fault: "delay" }, "ms"],
    [{ fault: "err", err: 1, api: "token" }, "api"],
    [{ fault: "earthquake" }, "fault"],
    [{ fault: "reset", times: 0 }, "times"],
  ])("are refused when they make no sense: %o", async (fault, path) => {
    const rig = await openRig();
    expect(await rig.fault(fault)).toMatchObject({ errors: [{ path }] });
    await until(async () => ((await rig.ask("/sandbox/faults")) as { faults: [] }).faults.length === 0);
  });
});
