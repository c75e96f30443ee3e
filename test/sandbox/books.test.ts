import { describe, expect, it } from "vitest";
import { unfollowedOpenid } from "../../src/sandbox/followers.ts";
import { followers, openRig } from "./rig.ts";

describe("the books", () => {
  it("list accepted jobs and refused calls", async () => {
    const { send, ask, receiver } = await openRig();
    const { msg_id } = await send({ clientmsgid: "a" });
    await send({ clientmsgid: "b", touser: [] });
    await receiver.callback();
    expect(await ask("/sandbox/books")).toMatchObject({
      accounts: [
        {
          account: "demo",
          totals: { calls: 4, arrived: { "mass/send": 2 }, accepted: 1, refused: { "40130": 1 } },
          jobs: [
            {
              msg_id: String(msg_id),
              clientmsgid: "a",
              text: "第 1 封",
              size: 3,
              status: "SEND_SUCCESS",
              result: "send success",
              counts: { total: 3, filter: 3, sent: 3, error: 0 },
              acceptedAt: "2026-11-15T04:00:00.000Z",
              endedAt: "2026-11-15T04:00:00.000Z",
            },
          ],
          refusals: [{ api: "mass/send", errcode: 40130, clientmsgid: "b" }],
        },
      ],
    });
  });

  it("tell what each person was sent, and who was named twice", async () => {
    const { send, ask } = await openRig();
    const [one = "", two = "", three = ""] = followers(0, 3);
    const gone = unfollowedOpenid("demo", 0);
    const first = await send({ touser: [one, two, gone] });
    const second = await send({ touser: [one, three] });
    expect(await ask(`/sandbox/books/demo/recipients/${one}`)).toMatchObject({
      times: 2,
      sent: 2,
      jobs: [{ msg_id: String(first.msg_id), outcome: "sent" }, { msg_id: String(second.msg_id) }],
      follower: { receivedThisMonth: 2 },
    });
    expect(await ask(`/sandbox/books/demo/recipients/${gone}`)).toMatchObject({
      times: 1,
      sent: 0,
      jobs: [{ outcome: "unfollowed" }],
      follower: null,
    });
    expect(await ask("/sandbox/books/demo/summary")).toEqual({
      jobs: 2,
      recipients: 5,
      distinct: 4,
      sentTwice: 1,
      listsForgotten: 0,
    });
  });

  it("have the list of each job, and what became of everybody on it", async () => {
    const { send, ask, sandbox } = await openRig();
    const [one = "", two = ""] = followers(0, 2);
    const { msg_id } = await send({ touser: [one, unfollowedOpenid("demo", 0), two, one] });
    const { recipients } = await ask(`/sandbox/books/demo/jobs/${msg_id}/recipients`);
    expect(recipients).toEqual([
      { openid: one, outcome: "sent" },
      { openid: unfollowedOpenid("demo", 0), outcome: "unfollowed" },
      { openid: two, outcome: "sent" },
      { openid: one, outcome: "duplicate" },
    ]);
    expect((await fetch(`${sandbox.url}/sandbox/books/demo/jobs/1/recipients`)).status).toBe(404);
  });

  it("count a call that came in and never took effect", async () => {
    const { send, fault, ask } = await openRig();
    await fault({ fault: "reset" });
    await send().catch(() => undefined);
    expect(await ask("/sandbox/books/demo")).toMatchObject({
      totals: { arrived: { "mass/send": 1 }, accepted: 0 },
    });
  });

  it("show the last requests without secrets and people", async () => {
    const { send, ask, sandbox } = await openRig();
    await send({ clientmsgid: "a" });
    const { requests } = (await ask("/sandbox/requests")) as { requests: object[] };
    expect(requests.at(-1)).toMatchObject({
      method: "POST",
      path: "/cgi-bin/message/mass/send",
      account: "demo",
      errcode: 0,
      bodyDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
      body: { msgtype: "text", clientmsgid: "a", touser: 3 },
    });
    const text = await (await fetch(`${sandbox.url}/sandbox/requests`)).text();
    expect(text).not.toMatch(/secret|access_token/);
  });

  it.each(["origin", "x-forwarded-for", "forwarded"])("are closed to requests with %s", async (header) => {
    const { sandbox } = await openRig();
    const response = await fetch(`${sandbox.url}/sandbox/books`, {
      headers: { [header]: "http://elsewhere" },
    });
    expect(response.status).toBe(403);
  });

  it("are not there for an account that is not", async () => {
    const { sandbox } = await openRig();
    for (const path of ["", "/summary", "/recipients/x"]) {
      expect((await fetch(`${sandbox.url}/sandbox/books/nobody${path}`)).status).toBe(404);
    }
  });

  it("stay beside a health check that is open", async () => {
    const { ask } = await openRig();
    expect(await ask("/healthz")).toEqual({ status: "ok" });
  });
});
