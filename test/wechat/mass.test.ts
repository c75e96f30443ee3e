import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { Failure } from "../../src/failure.ts";
import { createLogger } from "../../src/log.ts";
import type { AccessToken } from "../../src/wechat/access-token.ts";

type Tokens = Pick<AccessToken, "get" | "replace">;

import { openClient, type Reply } from "../../src/wechat/client.ts";
import { errcodes } from "../../src/wechat/errcodes.ts";
import { createMass, type Target } from "../../src/wechat/mass.ts";
import { bodyOf, deadUrl, openHttp } from "./servers.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Tokens that count how often they were replaced. */
function createTokens(overrides: Partial<Tokens> = {}) {
  let number = 1;
  const get = async () => `token-${number}`;
  const replace = async () => `token-${++number}`;
  return { get, replace, ...overrides };
}

/** The mass interface over replies given in advance; `asked` tells what was called. */
function massOver(replies: readonly Reply[], token: Tokens = createTokens()) {
  const asked: unknown[] = [];
  const call = async ({
    path,
    token,
    body,
    alone,
  }: {
    path: string;
    token?: string;
    body?: string;
    alone?: boolean;
  }) => {
    asked.push({ path, token, body: JSON.parse(body ?? "null"), alone });
    return replies[asked.length - 1] ?? { kind: "never-left" as const, message: "no more replies" };
  };
  return Object.assign(createMass({ call, token }), { asked });
}

const answered = (body: unknown): Reply => ({ kind: "answered", body });
const refusal = (errcode: number, more: object = {}) => answered({ errcode, errmsg: "said so", ...more });
const ready = { path: "/cgi-bin/message/mass/send", body: "{}" };
const sendOver = (reply: Reply) => massOver([reply]).send("token", ready);
const pollOver = (reply: Reply) => massOver([reply]).get("3147494441");

describe("the body of a send", () => {
  it("is the message as the campaign has it, its recipients, and the key against repeats", () => {
    const { path, body } = massOver([]).prepare({
      message: { msgtype: "text", text: { content: "群发 🎉" } },
      sendIgnoreReprint: 0,
      clientmsgid: "0123456789abcdef0123456789abcdef",
      target: { openids: ["oTEST00000000000000000000001", "oTEST00000000000000000000002"] },
    });
    expect(path).toBe("/cgi-bin/message/mass/send");
    expect(body).toContain("群发 🎉");
    expect(JSON.parse(body)).toEqual({
      touser: ["oTEST00000000000000000000001", "oTEST00000000000000000000002"],
      msgtype: "text",
      text: { content: "群发 🎉" },
      send_ignore_reprint: 0,
      clientmsgid: "0123456789abcdef0123456789abcdef",
    });
  });

  it.each<[string, Target, object]>([
    ["a tag", { tagId: 0 }, { is_to_all: false, tag_id: 0 }],
    ["all, without a tag_id", { all: true }, { is_to_all: true }],
  ])("names %s in a filter, and goes to sendall", (_whom, target, filter) => {
    const { path, body } = massOver([]).prepare({
      message: { msgtype: "mpvideo", mpvideo: { media_id: "FILM", title: "片" } },
      sendIgnoreReprint: 1,
      clientmsgid: "0123456789abcdef0123456789abcdef",
      target,
    });
    expect(path).toBe("/cgi-bin/message/mass/sendall");
    expect(JSON.parse(body)).toEqual({
      filter,
      msgtype: "mpvideo",
      mpvideo: { media_id: "FILM", title: "片" },
      send_ignore_reprint: 1,
      clientmsgid: "0123456789abcdef0123456789abcdef",
    });
  });
});

describe("whether a reprint is to be sent all the same", () => {
  const targets: Target[] = [{ openids: ["oTEST1", "oTEST2"] }, { tagId: 100 }, { all: true }];

  it.each(targets)("goes along in every send: %j", (target) => {
    for (const sendIgnoreReprint of [0, 1] as const) {
      const message = { msgtype: "mpnews", mpnews: { media_id: "DRAFT" } } as const;
      const { body } = massOver([]).prepare({ message, sendIgnoreReprint, clientmsgid: "id", target });
      expect(JSON.parse(body).send_ignore_reprint).toBe(sendIgnoreReprint);
    }
  });
});

describe("a send", () => {
  it("is accepted with its ids, which may be larger than any number", async () => {
    expect(await sendOver(answered({ errcode: 0, errmsg: "ok", msg_id: "90261533849829378" }))).toEqual({
      kind: "accepted",
      msgId: "90261533849829378",
    });
    expect(await sendOver(answered({ msg_id: 34182, msg_data_id: 206227730 }))).toEqual({
      kind: "accepted",
      msgId: "34182",
      msgDataId: "206227730",
    });
  });

  it("was accepted already, under a msg_id that may be missing", async () => {
    const already = { kind: "already", error: { errcode: 45065, message: "said so" } };
    expect(await sendOver(refusal(45065, { msg_id: 3147494441 }))).toEqual({
      ...already,
      msgId: "3147494441",
    });
    expect(await sendOver(refusal(45065))).toEqual(already);
  });

  it.each<[string, Reply]>([
    ["says 0 but has no msg_id", answered({ errcode: 0, errmsg: "ok" })],
    ["says nothing", answered({})],
    ["says 0 with a msg_id of 0", answered({ errcode: 0, msg_id: 0 })],
    ["is no object", answered(["ok"])],
    ["has an errcode that is no number", answered({ errcode: "busy", msg_id: 1 })],
    ["was lost", { kind: "unclear", message: "other side closed" }],
    ["is busy", refusal(-1)],
    ["says that the same key came too soon", refusal(45066)],
  ])("is in doubt when the answer %s", async (_what, reply) => {
    expect(await sendOver(reply)).toMatchObject({ kind: "doubt" });
  });

  it("has never left when no byte of it did", async () => {
    expect(await sendOver({ kind: "never-left", message: "connect ECONNREFUSED" })).toEqual({
      kind: "never-left",
      error: { message: "connect ECONNREFUSED" },
    });
  });

  it("makes one request, even when the token is refused", async () => {
    for (const errcode of [40001, 40014, 42001]) {
      const { send, asked } = massOver([refusal(errcode)]);
      expect(await send("token-1", { path: "/cgi-bin/message/mass/sendall", body: "{}" })).toMatchObject({
        kind: "token",
        error: { errcode },
      });
      expect(asked).toEqual([
        { path: "/cgi-bin/message/mass/sendall", token: "token-1", body: {}, alone: true },
      ]);
    }
  });

  it("has an outcome for every errcode of the table, and for others", async () => {
    const outcomes: Record<string, unknown> = {
      token: { kind: "token" },
      already: { kind: "already" },
      doubt: { kind: "doubt" },
      message: { kind: "refused", cause: "message" },
      recipients: { kind: "refused", cause: "recipients" },
      refused: { kind: "refused", cause: "call" },
    };
    for (const [code, { action }] of Object.entries(errcodes)) {
      const errcode = Number(code);
      if (errcode === 0) continue;
      const outcome = outcomes[action] ?? { kind: "not-now", wait: action };
      expect(await sendOver(refusal(errcode)), code).toMatchObject({
        ...(outcome as object),
        error: { errcode },
      });
    }
    expect(await sendOver(refusal(99999))).toMatchObject({ kind: "refused", cause: "unlisted" });
  });

  it("goes over a real connection, and keeps OpenIDs out of its error", async () => {
    const bodies: unknown[] = [];
    const server = await openHttp(async (request, response) => {
      bodies.push(JSON.parse(await bodyOf(request)));
      response.end(
        '{"errcode":40003,"errmsg":"invalid openid [oTEST00000000000000000000001] rid: 60af6d7c-24c5c6b9-5b3ec9bc"}',
      );
    });
    closers.push(server.close);
    const { call, close } = openClient({
      account: { apiBase: server.url },
      sendTimeoutMs: 5_000,
      proxy: {},
      clock: systemClock,
      log: createLogger("silent"),
    });
    closers.push(close);
    expect(
      await createMass({ call, token: createTokens() }).send("t", { ...ready, body: '{"touser":[]}' }),
    ).toEqual({
      kind: "refused",
      cause: "recipients",
      error: { errcode: 40003, message: "invalid openid […]", rid: "60af6d7c-24c5c6b9-5b3ec9bc" },
    });
    expect(bodies).toEqual([{ touser: [] }]);
  });

  it("never leaves for an address where nobody listens", async () => {
    const { call, close } = openClient({
      account: { apiBase: await deadUrl() },
      sendTimeoutMs: 5_000,
      proxy: {},
      clock: systemClock,
      log: createLogger("silent"),
    });
    closers.push(close);
    const reply = await createMass({ call, token: createTokens() }).send("t", ready);
    expect(reply).toMatchObject({ kind: "never-left" });
  });
});

describe("a poll", () => {
  it.each(["SEND_SUCCESS", "SENDING", "SEND_FAIL", "DELETE"])("tells %s", async (status) => {
    const { get, asked } = massOver([answered({ msg_id: 3147494441, msg_status: status })]);
    expect(await get("3147494441")).toEqual({ kind: "status", status });
    expect(asked).toMatchObject([{ path: "/cgi-bin/message/mass/get", body: { msg_id: "3147494441" } }]);
  });

  it.each<[string, Reply]>([
    ["has no status", answered({ msg_id: 3147494441 })],
    ["has a status that nobody knows", answered({ msg_id: 3147494441, msg_status: "PENDING" })],
    ["is about another send", answered({ msg_id: 5, msg_status: "SEND_SUCCESS" })],
    ["knows no such send", refusal(40059)],
    ["is busy", refusal(-1)],
    ["is no object", answered(null)],
    ["was lost", { kind: "unclear", message: "HTTP status 502" }],
    ["never came about", { kind: "never-left", message: "connect ECONNREFUSED" }],
  ])("is unclear when the answer %s", async (_what, reply) => {
    expect(await pollOver(reply)).toMatchObject({ kind: "unclear" });
  });

  it("waits for what the account waits for", async () => {
    expect(await pollOver(refusal(45009))).toMatchObject({ kind: "not-now", wait: "day" });
    expect(await pollOver(refusal(45011))).toMatchObject({ kind: "not-now", wait: "minute" });
    expect(await pollOver(refusal(89504))).toMatchObject({ kind: "not-now", wait: "admin" });
    expect(await pollOver(refusal(48001))).toMatchObject({ kind: "not-now", wait: "account" });
  });

  it("replaces a refused token once", async () => {
    const status = answered({ msg_status: "SENDING" });
    const { get, asked } = massOver([refusal(42001), status]);
    expect(await get("7")).toEqual({ kind: "status", status: "SENDING" });
    expect(asked).toMatchObject([{ token: "token-1" }, { token: "token-2" }]);

    const again = massOver([refusal(40001), refusal(40001), status]);
    expect(await again.get("7")).toMatchObject({
      kind: "not-now",
      wait: "account",
      error: { errcode: 40001 },
    });
    expect(again.asked).toHaveLength(2);
  });

  it("gets no token: the account's trouble, or one that passes", async () => {
    const refused = new Failure("TOKEN_REFUSED", "no", { details: { errcode: 40164, rid: "a-b-c" } });
    const without = (failure: Error) => {
      return massOver([], createTokens({ get: () => Promise.reject(failure) })).get("7");
    };
    expect(await without(refused)).toEqual({
      kind: "not-now",
      wait: "account",
      error: { message: "no", errcode: 40164, rid: "a-b-c" },
    });
    expect(await without(new Failure("WECHAT_UNREACHABLE", "away"))).toMatchObject({ kind: "unclear" });
    await expect(without(new TypeError("a bug"))).rejects.toThrow("a bug");
  });
});
