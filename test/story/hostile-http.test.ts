import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ask } from "../http/door.ts";
import { hostileIds } from "../support/hostile-ids.ts";
import { campaignText, deepList, hugeRefused, hugeTaken, readHostileJobs } from "../support/hostile-jobs.ts";
import { rawRequest } from "../support/raw-http.ts";
import { openRig, type Rig } from "./rig.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await openRig({ accounts: { acme: {} }, workers: 0 });
});
/** Whatever was asked: the server is the same, has logged no bug and nobody, wrote nothing, and answers. */
afterEach(async () => {
  rig.expectClean();
  expect(await rig.client.keys("{qunfa*}:booking:*")).toEqual([]);
  const { status, json } = await post("/v1/campaigns/plan", campaignText());
  expect({ status, ...(json() as object) }).toMatchObject({ status: 200, audience: { admitted: 2 } });
});
afterAll(() => rig.close());

const sends = "/v1/accounts/acme/external-sends";
const json = { "content-type": "application/json" };
const post = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
  ask(rig.url, path, { method: "POST", body, headers: { ...json, ...headers } });

/** A problem body that repeats nobody. */
async function problem(answer: ReturnType<typeof ask>) {
  const { status, headers, text } = await answer;
  expect(headers["content-type"]).toBe("application/problem+json");
  expect(text).not.toContain("oStory");
  expect(text.length).toBeLessThan(10_000);
  return { status, code: (JSON.parse(text) as { code: string }).code };
}

describe("a campaign's body over HTTP", () => {
  test("gets 422 when it is no campaign, and 400 when it is no JSON", async () => {
    for (const { name, text } of readHostileJobs("refused"))
      expect({ name, ...(await problem(post("/v1/campaigns/plan", text))) }).toEqual({
        name,
        status: 422,
        code: "BAD_CAMPAIGN",
      });
    for (const { name, text } of readHostileJobs("unreadable"))
      expect({ name, ...(await problem(post("/v1/campaigns/plan", text))) }).toMatchObject({
        name,
        status: 400,
      });
  });

  test("gets its plan when only its parts are strange", async () => {
    for (const { name, text } of readHostileJobs("taken"))
      expect({ name, status: (await post("/v1/campaigns/plan", text)).status }).toEqual({
        name,
        status: 200,
      });
  });

  test("gets 4xx when it is a million levels deep, 100,000 fields wide or 50 MB long", async () => {
    const bombs = ["[", '{"a":', "[{},"].map((piece) => piece.repeat(Math.floor(16_000_000 / piece.length)));
    for (const { name, text } of [
      ...hugeRefused(1_000_000),
      ...hugeTaken(1_000_000),
      ...bombs.map((text) => ({ name: text.slice(0, 5), text })),
      { name: "commas", text: `[${",".repeat(16_000_000)}]` },
      { name: "pairs", text: `[${"{},".repeat(5_000_000)}{}]` },
    ]) {
      // Over 16 MB the server answers and closes before it has read all: the client may see only that.
      const refused = problem(post("/v1/campaigns/plan", text)).catch((error: unknown) => {
        if (text.length > 16 * 1024 * 1024 && /EPIPE|ECONNRESET/.test(String(error))) return { status: 413 };
        throw error;
      });
      const { status } = await refused;
      expect({ name, is4xx: [400, 413, 422].includes(status) }).toEqual({ name, is4xx: true });
    }
  });
});

describe("a send made outside qunfa", () => {
  const body = (more: string) => `{ "audience": { "type": "openids", "openids": ["x"] }${more} }`;

  test("gets 4xx when its body is strange", async () => {
    const table = [
      "null",
      "7",
      "[]",
      '"oStory_0000000000000000000"',
      "{}",
      `{ "audience": { "type": "openids", "openids": [${deepList(1_000_000)}] } }`,
      `{ "audience": { "type": "openids", "openids": [${deepList(50)}] } }`,
      '{ "audience": { "type": "__proto__" } }',
      '{ "__proto__": { "audience": { "type": "all" } } }',
      '{ "audience": { "type": "all", "__proto__": 1 } }',
      '{ "audience": { "type": "all" }, "constructor": 1 }',
      '{ "audience": { "type": "all" }, "toString": 1 }',
      ...[
        "-1",
        "1.5",
        "1e400",
        "9007199254740993",
        "null",
        '""',
        '"0x1"',
        '"1e3"',
        '"１"',
        '" 1"',
        '"*"',
        `"${"7".repeat(10_000)}"`,
        "{}",
        "[1]",
      ].map((msgId) => body(`, "msgId": ${msgId}`)),
      body(`, "note": "${"x".repeat(501)}"`),
      body(', "note": { "a": 1 }'),
    ];
    for (const text of table) {
      const { status } = await problem(post(sends, text));
      expect({ text: text.slice(0, 80), is4xx: [400, 422].includes(status) }).toEqual({
        text: text.slice(0, 80),
        is4xx: true,
      });
    }
  });

  test("gets 400 under an Idempotency-Key that is none", async () => {
    for (const key of [
      "",
      ".",
      "..",
      "a b",
      "a,b",
      "{x}",
      "a:b",
      "a/b",
      "x".repeat(129),
      "x".repeat(5_000),
      "é",
      "*",
      "a~1",
    ])
      expect(
        await problem(post(sends, '{ "audience": { "type": "all" } }', { "idempotency-key": key })),
      ).toMatchObject({ status: 400 });
    const twice = `POST ${sends} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\nIdempotency-Key: a\r\nIdempotency-Key: b\r\nContent-Length: 2\r\n\r\n{}`;
    expect(await rawRequest(rig.url, twice)).toMatchObject({ status: 400 });
  });

  test("gets 415 as another type of body", async () => {
    for (const type of [
      "",
      "text/plain",
      "application/xml",
      "multipart/form-data",
      "application/json+x",
      "application/jsonx",
      "x".repeat(5_000),
    ])
      expect(
        await problem(post(sends, '{ "audience": { "type": "all" } }', { "content-type": type })),
      ).toMatchObject({ status: 415 });
  });
});

describe("a path", () => {
  test("that names nothing is 404, whatever stands in it", async () => {
    for (const id of hostileIds)
      for (const [method, path] of [
        ["GET", `/v1/campaigns/${id}`],
        ["GET", `/v1/campaigns/${id}/batches`],
        ["GET", `/v1/campaigns/${id}/recipients/${id}`],
        ["POST", `/v1/campaigns/${id}/pause`],
        ["POST", `/v1/campaigns/${id}/cancel`],
        ["POST", `/v1/accounts/${id}/pause`],
        ["GET", `/v1/accounts/${id}/quota`],
        ["GET", `/v1/accounts/${id}/caps/oStory_000000000000000000000`],
        ["GET", `/wechat/${id}/callback?echostr=x`],
        ["POST", `/wechat/${id}/callback`],
      ] as const)
        expect({ method, path, status: (await problem(ask(rig.url, path, { method }))).status }).toEqual({
          method,
          path,
          status: 404,
        });
  });

  test("with strange OpenIDs or a strange query is 4xx", async () => {
    for (const id of hostileIds) {
      const { status } = await problem(ask(rig.url, `/v1/accounts/acme/caps/${id}`));
      expect({ id: id.slice(0, 20), is4xx: [404, 422].includes(status) }).toEqual({
        id: id.slice(0, 20),
        is4xx: true,
      });
    }
    const cursor = (text: string) => `cursor=${Buffer.from(text).toString("base64url")}`;
    for (const query of [
      "limit=0",
      "limit=201",
      "limit=1e1",
      "limit=1&limit=2",
      "limit[]=1",
      "cursor=",
      "cursor=%00",
      cursor("x"),
      cursor("lists:0:a"),
      cursor("campaigns:a"),
      cursor("1:"),
      cursor(":a"),
      `cursor=${"x".repeat(257)}`,
      "state=__proto__",
      "state=",
      "account=../x",
      "account=__proto__",
      "__proto__[x]=1",
      "constructor=1",
    ])
      expect({ query, ...(await problem(ask(rig.url, `/v1/campaigns?${query}`))) }).toMatchObject({
        query,
        status: 422,
      });
    // Digits that are no moment: an empty page, and no error of Redis'.
    for (const at of ["0", "9".repeat(20), "9".repeat(180)])
      expect((await ask(rig.url, `/v1/campaigns?${cursor(`campaigns:${at}:a`)}`)).status).toBe(200);
  });
});

describe("a request that is none", () => {
  test("gets 4xx, or nothing, and its connection is closed", async () => {
    const table = [
      "GET /healthz HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n",
      "GET /healthz HTTP/1.1\r\n\r\n",
      "FOO /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
      "GET  /healthz\r\n\r\n",
      "\0\x01\x02\x03".repeat(1_000),
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
      `GET /${"x".repeat(20_000)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`,
      `GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Big: ${"x".repeat(20_000)}\r\n\r\n`,
      `GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n${"X-Many: x\r\n".repeat(3_000)}\r\n`,
      "GET /health\0z HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
      "POST /v1/campaigns/plan HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
      "GET http://[::1/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
    ];
    for (const bytes of table) {
      const { status, closed } = await rawRequest(rig.url, bytes);
      const name = bytes.slice(0, 60);
      expect({ name, closed, status, refused: status === 0 || (status >= 400 && status < 500) }).toEqual({
        name,
        closed: true,
        status,
        refused: true,
      });
    }
  });

  test("by another method than the path's is 405 or 404", async () => {
    for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "TRACE"])
      for (const path of ["/v1/campaigns", "/wechat/acme/callback", "/queues", "/healthz"])
        expect([404, 405], `${method} ${path}`).toContain((await ask(rig.url, path, { method })).status);
  });
});
