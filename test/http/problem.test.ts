import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Failure, type FailureCode } from "../../src/failure.ts";
import { problemResponse } from "../../src/http/problem.ts";
import { ask, openDoor } from "./door.ts";
import { campaign, createLedger, openid } from "./ledger.ts";

let door: Awaited<ReturnType<typeof openDoor>>;
let thrown: unknown;
beforeAll(async () => {
  const store = createLedger();
  store.campaigns.push(campaign("here"));
  const listCampaigns = async () => {
    throw thrown;
  };
  door = await openDoor({ ledger: { ...store.ledger, listCampaigns } });
});
afterAll(() => door.close());

async function answerTo(error: unknown) {
  thrown = error;
  door.lines.length = 0;
  // Some of what is thrown here no list of campaigns ever throws, so it is not held against the document.
  const answer = await ask(door.url, "/v1/campaigns");
  return { ...answer, body: answer.json() };
}

/** An error as ioredis throws it: with a name of its own and the whole command on it. */
function redisError(name: string, message: string, fields: object = {}) {
  return Object.assign(new Error(message), {
    name,
    command: { name: "hset", args: [openid("secret")] },
    ...fields,
  });
}

describe("a failure", () => {
  test("is answered as RFC 9457 writes it, with its status from the table", async () => {
    const { status, headers, body } = await answerTo(new Failure("ID_REUSED", "The id is taken."));
    expect([status, headers["content-type"]]).toEqual([409, "application/problem+json"]);
    expect(body).toEqual({
      type: "urn:qunfa:failure:ID_REUSED",
      title: "The id or key stands for something else",
      status: 409,
      detail: "The id is taken.",
      code: "ID_REUSED",
    });
  });

  test.each<[FailureCode, string | null]>([
    ["TOO_LARGE", "close"],
    ["TOO_SLOW", "close"],
    ["ID_REUSED", null],
  ])("%s says of its connection: %s", (code, said) => {
    expect(problemResponse(new Failure(code, "No.")).headers.get("connection")).toBe(said);
  });

  test("shares errors, allowed, errcode and rid of its details, and no other", async () => {
    const shared = { errors: [{ path: "a", message: "b" }], allowed: ["cancel"], errcode: 45028, rid: "r-1" };
    const details = { ...shared, token: "secret" };
    const { body } = await answerTo(new Failure("TOKEN_REFUSED", "No.", { details }));
    expect(body).toMatchObject({ ...shared, status: 502 });
    expect(body).not.toHaveProperty("token");
  });
});

describe("Redis away", () => {
  test.each([
    redisError("MaxRetriesPerRequestError", "Reached the max retries per request limit (which is 1)."),
    redisError("ClusterAllFailedError", "Failed to refresh slots cache."),
    redisError("AbortError", "Command aborted due to connection close"),
    redisError("Error", "Stream isn't writeable and enableOfflineQueue options is false"),
    redisError("Error", "Connection is closed."),
    redisError("Error", "Command timed out"),
    redisError("Error", "connect ECONNREFUSED 127.0.0.1:6379", { code: "ECONNREFUSED" }),
    redisError("ReplyError", "LOADING Redis is loading the dataset in memory"),
    redisError("ReplyError", "OOM command not allowed when used memory > 'maxmemory'."),
    new Error("wrapped", { cause: redisError("Error", "Connection is closed.") }),
  ])("is told by %s and answered 503 with Retry-After", async (error) => {
    const { status, headers, body } = await answerTo(error);
    expect([status, headers["retry-after"]]).toEqual([503, "5"]);
    expect(body).toMatchObject({ code: "REDIS_AWAY", status: 503 });
    expect(door.lines).toContainEqual(expect.objectContaining({ level: 40, code: "REDIS_AWAY" }));
    expect(JSON.stringify(door.lines)).not.toContain(openid("secret"));
  });
});

describe("anything else", () => {
  test.each([
    new TypeError("x is not a function"),
    redisError("ReplyError", "WRONGTYPE Operation against a key holding the wrong kind of value"),
    redisError("ReplyError", "ERR user_script:1: attempt to index a nil value"),
  ])("is a bug: %s is a 500 that tells nothing, and a logged stack without arguments", async (error) => {
    const { status, body, text } = await answerTo(error);
    expect(status).toBe(500);
    expect(body).toMatchObject({ code: "INTERNAL", status: 500 });
    expect(text).not.toContain(error.message);
    const line = door.lines.find(({ level }) => level === 50);
    expect(line).toMatchObject({
      msg: "request met a bug",
      stack: expect.stringContaining("problem.test.ts"),
    });
    expect(JSON.stringify(door.lines)).not.toContain(openid("secret"));
  });

  test("logs the causes of a bug too", async () => {
    await answerTo(new Error("outer", { cause: new Error("inner") }));
    expect(JSON.stringify(door.lines)).toContain("caused by Error: inner");
  });

  test("is a bug even when it is no Error", async () => {
    const { status, body } = await answerTo("a string");
    expect(status).toBe(500);
    expect(body).toMatchObject({ code: "INTERNAL" });
    expect(door.lines).toContainEqual(expect.objectContaining({ level: 50, msg: "request met a bug" }));
  });
});

describe("the routes", () => {
  test.each([
    "/nope",
    "/v1",
    "/v1/campaigns/",
    "/v1/campaigns/a/b/c/d",
    "/wechat/acme",
    "/v2/campaigns",
    "//v1/campaigns",
  ])("%s is answered 404", async (path) => {
    const { status, headers, json } = await door.ask(path);
    expect([status, headers["content-type"]]).toEqual([404, "application/problem+json"]);
    expect(json()).toMatchObject({ code: "NOT_FOUND" });
  });

  test.each([
    ["PUT", "/v1/campaigns", "GET, HEAD, POST"],
    ["DELETE", "/v1/campaigns/a", "GET, HEAD"],
    ["PATCH", "/v1/campaigns/a/batches", "GET, HEAD"],
    ["PUT", "/wechat/acme/callback", "GET, HEAD, POST"],
    ["OPTIONS", "/healthz", "GET, HEAD"],
    ["POST", "/", "GET, HEAD"],
  ])("%s %s is answered 405 with Allow: %s", async (method, path, allow) => {
    const { status, headers, json } = await door.ask(path, { method });
    expect([status, headers.allow]).toEqual([405, allow]);
    expect(json()).toMatchObject({ code: "METHOD_NOT_ALLOWED", allowed: allow.split(", ") });
  });

  test.each(["/v1/campaigns/here", "/v1/campaigns/nobody", "/nope", "/healthz", "/queues"])(
    "%s carries the security headers and no Server",
    async (path) => {
      const { headers } = await door.ask(path);
      expect(headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
      });
      expect(headers).not.toHaveProperty("server");
      expect(headers).not.toHaveProperty("x-powered-by");
    },
  );

  test("a request leaves one debug line with the route's pattern, never its OpenID", async () => {
    door.lines.length = 0;
    await door.ask(`/v1/campaigns/here/recipients/${openid("secret")}`);
    await door.ask(`/${openid("secret")}`);
    await door.ask(`/v1/campaigns/here/recipients/${openid("secret")}`, { method: "POST" });
    expect(door.lines.map(({ method, route, status, ms }) => [method, route, status, ms])).toEqual([
      ["GET", "/v1/campaigns/:id/recipients/:openid", 200, 0],
      ["GET", "/*", 404, 0],
      ["POST", "/v1/campaigns/:id/recipients/:openid", 405, 0],
    ]);
    expect(JSON.stringify(door.lines)).not.toContain(openid("secret"));
  });
});
