import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, test } from "vitest";
import { openPost } from "../../src/fetch/post.ts";
import { createSign } from "../../src/fetch/sign.ts";
import { until } from "../support/until.ts";
import { failureOf, pem, servePlain, serveTls } from "./web.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

type Settings = Partial<Parameters<typeof openPost>[0]>;

/** A POST of one message, under the certificates of `test/fixtures/tls`. */
function poster(allowPrivate: readonly string[], settings: Settings = {}) {
  const { postUrl, close } = openPost({ allowPrivate, ca: pem("cert"), timeoutMs: 5_000, ...settings });
  closers.push(close);
  return (url: string) => postUrl(url, { body: '{"a":1}', headers: { "webhook-id": "msg_1" } });
}
const never = () => Promise.reject(new Error("nothing is looked up here"));

describe("a POST", () => {
  test("brings body and headers, and answers the status and what it says of trying again", async () => {
    const got: unknown[] = [];
    const web = await serveTls(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      got.push({ method: request.method, body, headers: request.headers });
      response.writeHead(503, { "retry-after": "7" }).end("not now");
    });
    expect(await poster([web.host])(`${web.url}/reports?of=qunfa`)).toEqual({ status: 503, retryAfter: "7" });
    expect(web.seen).toEqual(["/reports?of=qunfa"]);
    expect(got).toMatchObject([
      {
        ...{ method: "POST", body: '{"a":1}' },
        headers: { "content-type": "application/json", "user-agent": "qunfa", "webhook-id": "msg_1" },
      },
    ]);
  });

  test("follows no redirect", async () => {
    const web = await serveTls((_, response) => response.writeHead(307, { location: "/elsewhere" }).end());
    expect(await poster([web.host])(web.url)).toMatchObject({ status: 307 });
    expect(web.seen).toEqual(["/"]);
  });

  test("of each message has a connection of its own", async () => {
    const connections = new Set<unknown>();
    const web = await serveTls((request, response) => {
      connections.add(request.socket);
      response.end();
    });
    const post = poster([web.host]);
    for (const _ of [1, 2]) await post(web.url);
    expect(connections.size).toBe(2);
  });

  test("waits for no answer that is longer than it reads, or that never ends", async () => {
    let cut = 0;
    const web = await serveTls((request, response) => {
      response.on("close", () => {
        cut += 1;
      });
      response.writeHead(200);
      response.write(request.url === "/long" ? Buffer.alloc(10_000_000) : "a");
    });
    const post = poster([web.host], { timeoutMs: 500 });
    expect(await post(`${web.url}/long`)).toMatchObject({ status: 200 });
    expect(await post(`${web.url}/drips`)).toMatchObject({ status: 200 });
    await until(() => cut === 2);
  });

  test("that is never answered fails at the time-out", async () => {
    const web = await serveTls(() => {});
    expect(await failureOf(poster([web.host], { timeoutMs: 300 })(`${web.url}/a?key=secret`))).toMatchObject({
      code: "FETCH_FAILED",
      message: `${web.url}/a?…: not there within 300 ms`,
    });
  });
});

describe("a POST is refused before anybody is asked", () => {
  test.each([
    "https://127.0.0.1/",
    "https://[::ffff:10.0.0.1]/",
    "https://169.254.169.254/latest",
    "http://example.com/",
    "https://user:hunter2@example.com/",
    "ftp://example.com/",
    "reports",
  ])("to %s", async (address) => {
    const failure = await failureOf(poster([], { resolve: never })(address));
    expect(failure.code).toBe("FETCH_REFUSED");
    expect(failure.message).not.toContain("hunter2");
  });

  test("by a name that leads to a private address, whatever it said before", async () => {
    const web = await serveTls((_, response) => response.end());
    const { port } = new URL(web.url);
    const answers = [[{ address: "1.1.1.1", family: 4 }], [{ address: "127.0.0.1", family: 4 }]];
    const resolve = async () => answers.pop() ?? [];
    expect(await failureOf(poster([], { resolve })(`https://localhost:${port}/`))).toMatchObject({
      code: "FETCH_REFUSED",
    });
    expect(web.seen).toEqual([]);
  });

  test("by http to what is allowed by https alone under another port", async () => {
    const web = await servePlain((_, response) => response.end());
    expect(await failureOf(poster(["127.0.0.1:1"])(web.url))).toMatchObject({ code: "FETCH_REFUSED" });
    expect(await poster([web.host])(web.url)).toMatchObject({ status: 200 });
  });
});

test("a message is signed by every secret, so that a receiver accepts it who knows one of them", () => {
  const coded = `whsec_${Buffer.from("a secret of 24 bytes or so").toString("base64")}`;
  const plain = "a-plain-secret-of-24-characters";
  const sign = createSign([
    { secret: coded, format: "base64" },
    { secret: plain, format: "raw" },
  ]);
  const headers = sign("msg_1", Date.now(), '{"a":1}');
  expect(headers["webhook-signature"]).toMatch(/^v1,\S+ v1,\S+$/);
  expect(new Webhook(coded).verify('{"a":1}', headers)).toEqual({ a: 1 });
  expect(new Webhook(plain, { format: "raw" }).verify('{"a":1}', headers)).toEqual({ a: 1 });
  const other = new Webhook("another-secret-of-24-characters", { format: "raw" });
  expect(() => other.verify('{"a":1}', headers)).toThrow("No matching signature");
  expect(() => new Webhook(coded).verify('{"a":2}', headers)).toThrow("No matching signature");
});
