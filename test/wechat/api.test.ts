import { FormData } from "undici";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { systemClock } from "../../src/clock.ts";
import { Failure } from "../../src/failure.ts";
import { createLogger } from "../../src/log.ts";
import { createApi } from "../../src/wechat/api.ts";
import { type CallRequest, openClient, type Reply } from "../../src/wechat/client.ts";
import { errcodes } from "../../src/wechat/errcodes.ts";
import type { Tokens } from "../../src/wechat/with-token.ts";
import { bodyOf, deadUrl, openHttp } from "./servers.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** An interface over replies given in advance; `asked` tells what was called. */
function apiOver(replies: readonly Reply[], overrides: Partial<Tokens> = {}) {
  const asked: CallRequest[] = [];
  let number = 1;
  let replaced = 0;
  const token: Tokens = {
    get: async () => `token-${number}`,
    replace: async () => {
      replaced += 1;
      return `token-${++number}`;
    },
    ...overrides,
  };
  const call = async (request: CallRequest): Promise<Reply> => {
    asked.push(request);
    return replies[asked.length - 1] ?? { kind: "never-left", message: "no more replies" };
  };
  const { ask, askOnce } = createApi({ call, token });
  return { ask, askOnce, asked, replaced: () => replaced };
}

const path = "/cgi-bin/tags/get";
const Name = z.object({ name: z.string() });
const answered = (body: unknown): Reply => ({ kind: "answered", body });
const refusal = (errcode: number) => answered({ errcode, errmsg: "said so rid: 60af6d7c-24c5c6b9" });
const expired = refusal(42001);
const done = answered({ name: "一" });
const refused = new Failure("TOKEN_REFUSED", "no", { details: { errcode: 40164, rid: "a-b" } });
const away = new Failure("WECHAT_UNREACHABLE", "away");

describe("an answer", () => {
  it.each([{}, { errcode: 0, errmsg: "ok" }, { errcode: "0" }])("with %j is a success", async (more) => {
    expect(await apiOver([answered({ name: "一", ...more })]).ask({ path }, Name)).toEqual({
      kind: "done",
      value: { name: "一" },
    });
  });

  it("of a success that lacks what it should hold is unclear, and none of its values is told", async () => {
    const reply = await apiOver([answered({ name: 5, openid: "oTEST00000000000000000000001" })]).ask(
      { path },
      Name,
    );
    expect(reply).toEqual({ kind: "unclear", error: { message: "the answer does not fit: name" } });
  });

  it.each<[string, Reply]>([
    ["no object", answered(["ok"])],
    ["an errcode that is none", answered({ errcode: "busy" })],
    ["nothing that arrived", { kind: "unclear", message: "other side closed" }],
  ])("that is %s is unclear", async (_what, reply) => {
    expect(await apiOver([reply]).ask({ path }, Name)).toMatchObject({ kind: "unclear" });
  });

  it("means what the table says, for every errcode of it and others", async () => {
    const kinds: Record<string, object> = {
      doubt: { kind: "unclear" },
      message: { kind: "refused" },
      recipients: { kind: "refused" },
      already: { kind: "refused" },
      refused: { kind: "refused" },
    };
    for (const [code, { action }] of Object.entries(errcodes)) {
      const errcode = Number(code);
      if (errcode === 0 || action === "token") continue;
      const expected = { ...(kinds[action] ?? { kind: "not-now", wait: action }), error: { errcode } };
      expect(await apiOver([refusal(errcode)]).ask({ path }, Name), code).toMatchObject(expected);
      expect(await apiOver([refusal(errcode)]).askOnce({ path }, Name), code).toMatchObject(expected);
    }
    expect(await apiOver([refusal(99999)]).ask({ path }, Name)).toEqual({
      kind: "refused",
      error: { errcode: 99999, message: "said so", rid: "60af6d7c-24c5c6b9" },
    });
  });

  it("of an errcode that the caller can read is read", async () => {
    const reply = answered({ errcode: 46003, errmsg: "no menu", name: "none" });
    expect(await apiOver([reply]).ask({ path, readable: [46003] }, Name)).toEqual({
      kind: "done",
      value: { name: "none" },
    });
    expect(await apiOver([reply]).ask({ path, readable: [46004] }, Name)).toMatchObject({ kind: "refused" });
  });
});

describe("a call that costs nothing", () => {
  it("has a refused token replaced, once", async () => {
    for (const errcode of [40001, 40014, 42001]) {
      const { ask, asked } = apiOver([refusal(errcode), done]);
      expect(await ask({ path, body: "{}" }, Name)).toMatchObject({ kind: "done" });
      expect(asked).toEqual([
        { path, body: "{}", token: "token-1" },
        { path, body: "{}", token: "token-2" },
      ]);
    }
    const { ask, asked, replaced } = apiOver([expired, expired, done]);
    expect(await ask({ path }, Name)).toMatchObject({
      kind: "not-now",
      wait: "account",
      error: { errcode: 42001 },
    });
    expect([asked.length, replaced()]).toEqual([2, 1]);
  });

  it("gets no token: the account's trouble, or one that passes", async () => {
    const without = (failure: Error) =>
      apiOver([], { get: () => Promise.reject(failure) }).ask({ path }, Name);
    expect(await without(refused)).toEqual({
      kind: "not-now",
      wait: "account",
      error: { message: "no", errcode: 40164, rid: "a-b" },
    });
    expect(await without(away)).toEqual({ kind: "unclear", error: { message: "away" } });
    await expect(without(new TypeError("a bug"))).rejects.toThrow("a bug");
    await expect(without(new Failure("REDIS_AWAY", "away"))).rejects.toThrow("away");
  });

  it("may never have left", async () => {
    const reply = await apiOver([{ kind: "never-left", message: "ECONNREFUSED" }]).ask({ path }, Name);
    expect(reply).toEqual({ kind: "never-left", error: { message: "ECONNREFUSED" } });
  });
});

describe("a call that costs a unit", () => {
  it("is one request on a connection of its own", async () => {
    const { askOnce, asked } = apiOver([done]);
    expect(await askOnce({ path, body: "{}" }, Name)).toEqual({
      kind: "done",
      value: { name: "一" },
      requests: 1,
    });
    expect(asked).toEqual([{ path, body: "{}", token: "token-1", alone: true }]);
  });

  it("is one request when the token is refused too, and the next one has another token", async () => {
    const { askOnce, asked } = apiOver([expired, done]);
    expect(await askOnce({ path }, Name)).toMatchObject({
      kind: "token",
      error: { errcode: 42001 },
      requests: 1,
    });
    expect(asked).toHaveLength(1);
    expect(await askOnce({ path }, Name)).toMatchObject({ kind: "done", requests: 1 });
    expect(asked.map(({ token }) => token)).toEqual(["token-1", "token-2"]);
  });

  it("counts a request after which there is no other token to be had", async () => {
    const { askOnce } = apiOver([expired], { replace: () => Promise.reject(refused) });
    expect(await askOnce({ path }, Name)).toMatchObject({ kind: "not-now", wait: "account", requests: 1 });
  });

  it.each<[string, Reply[], Partial<Tokens>, object]>([
    ["never left", [{ kind: "never-left", message: "x" }], {}, { kind: "never-left", requests: 0 }],
    [
      "got no token",
      [],
      { get: () => Promise.reject(refused) },
      { kind: "not-now", wait: "account", requests: 0 },
    ],
    [
      "could ask nobody for a token",
      [],
      { get: () => Promise.reject(away) },
      { kind: "unclear", requests: 0 },
    ],
    ["was lost", [{ kind: "unclear", message: "x" }], {}, { kind: "unclear", requests: 1 }],
    ["was refused", [refusal(40007)], {}, { kind: "refused", requests: 1 }],
    ["came too late in the day", [refusal(45009)], {}, { kind: "not-now", wait: "day", requests: 1 }],
  ])("says whether it counts when it %s", async (_what, replies, tokens, expected) => {
    expect(await apiOver(replies, tokens).askOnce({ path }, Name)).toMatchObject(expected);
  });
});

describe("an upload over the network", () => {
  function clientOf(apiBase: string) {
    const log = createLogger("silent");
    const limits = { sendTimeoutMs: 200, uploadTimeoutMs: 1_000 };
    const client = openClient({ account: { apiBase }, ...limits, proxy: {}, clock: systemClock, log });
    closers.push(client.close);
    return client;
  }
  const form = () => {
    const form = new FormData();
    form.set("media", new File(["x"], "x.jpg"));
    return form;
  };

  it("has longer than other calls, but not for ever", async () => {
    const server = await openHttp(async (request, response) => {
      const body = await bodyOf(request);
      if (body.includes("x.jpg")) setTimeout(() => response.end("{}"), 400).unref();
    });
    closers.push(server.close);
    const { call } = clientOf(server.url);
    expect(await call({ path, form: form() })).toMatchObject({ kind: "answered" });
    expect(await call({ path, body: "{}" })).toEqual({
      kind: "unclear",
      message: "no complete answer within 200 ms",
      late: true,
    });
    const silent = await openHttp(() => {});
    closers.push(silent.close);
    expect(await clientOf(silent.url).call({ path, form: form() })).toEqual({
      kind: "unclear",
      message: "no complete answer within 1000 ms",
      late: true,
    });
  });

  it("never leaves for an address where nobody listens", async () => {
    const { call } = clientOf(await deadUrl());
    expect(await call({ path, form: form(), alone: true })).toMatchObject({ kind: "never-left" });
  });

  it("is in doubt when it is cut amid its body", async () => {
    const server = await openHttp((request) => {
      request.once("data", () => request.socket.destroy());
    });
    closers.push(server.close);
    const large = new FormData();
    large.set("media", new File([new Uint8Array(5_000_000)], "x.jpg"));
    expect(await clientOf(server.url).call({ path, form: large, alone: true })).toMatchObject({
      kind: "unclear",
    });
    expect(server.connections()).toBe(1);
  });
});
