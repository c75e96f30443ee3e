import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { sign } from "../../src/wechat/signature.ts";
import { ask } from "../http/door.ts";
import { hugeCallbacks, readHostileCallbacks, resultXml } from "../support/hostile-callbacks.ts";
import { rawRequest } from "../support/raw-http.ts";
import { type PushAccount, sealPush } from "../support/strict-push.ts";
import { openRig, people, type Rig } from "./rig.ts";

const encodingAESKey = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";

let rig: Rig;
beforeAll(async () => {
  rig = await openRig({ accounts: { plain: {}, safe: { encodingAESKey }, calm: {} } });
});
/** Whatever came: the server is the same, has logged no bug and nobody, and takes the next good result. */
let good = 0;
afterEach(async () => {
  rig.expectClean();
  expect(rig.logs()).not.toContain("oHostile");
  good += 1;
  const report = await rig.report(await rig.add(`good-${good}`, "calm", people(2, 10 * good)));
  expect(report).toMatchObject({ state: "completed", countsMissing: 0 });
});
afterAll(() => rig.close());

const path = (id: string, query: URLSearchParams | string) => `/wechat/${id}/callback?${query}`;
const accountOf = (id: string): PushAccount => rig.desk(id).account;
const post = (id: string, query: URLSearchParams | string, body: string | Buffer, headers = {}) =>
  ask(rig.url, path(id, query), { method: "POST", body, headers });

/** A well-signed body: as it is for an account without a key, else sealed. */
const push = (id: string, body: Buffer): Promise<{ status: number; text: string }> => {
  const sealed = sealPush(accountOf(id), body.toString("utf8"));
  return post(id, sealed.query, id === "plain" ? body : sealed.body).catch(cutOff);
};

/** Who has refused a body need not read it to its end: the one who still writes may be cut off before he reads. */
function cutOff(error: NodeJS.ErrnoException) {
  if (error.code !== "EPIPE" && error.code !== "ECONNRESET") throw error;
  return { status: 413, text: "" };
}

/** What the two accounts have in Redis: every key, and how large its value is. */
async function stored(): Promise<{ key: string; bytes: number }[]> {
  const keys = (await Promise.all(["plain", "safe"].map((id) => rig.client.keys(`{qunfa:${id}}:*`)))).flat();
  return Promise.all(
    keys.map(async (key) => ({ key, bytes: Number(await rig.client.memory("USAGE", key)) })),
  );
}

/** Ids of what has been put on the queue of events. */
const events = () => rig.client.lrange("{qunfa}:events:wait", 0, -1);

describe("a well-signed body of the corpus", () => {
  test("is answered success when it is well-formed and 4xx when not, and the 4xx leave nothing behind", async () => {
    const corpus = [...readHostileCallbacks(), ...hugeCallbacks()];
    const refused = corpus.filter(({ status }) => status !== 200);
    expect(refused.length).toBeGreaterThan(50);
    for (const { name, status, body } of refused)
      expect({ name, status: (await push("plain", body)).status }).toEqual({ name, status });
    expect(await stored()).toEqual([]);
    expect(await events()).toEqual([]);

    const taken = corpus.filter(({ status }) => status === 200);
    expect(taken.length).toBeGreaterThan(30);
    for (const { name, body } of taken) {
      const { status, text } = await push("plain", body);
      expect({ name, status, text }).toEqual({ name, status: 200, text: "success" });
    }
    const kept = await stored();
    expect(kept.length).toBeGreaterThan(20);
    for (const { key, bytes } of kept) {
      expect(key).toMatch(/^\{qunfa:plain\}:(inbox:[1-9]\d{0,19}|unclaimed|event:[\w-]{27})$/);
      expect(bytes, key).toBeLessThan(key.endsWith("unclaimed") ? 10_000 : 1_000);
    }
  });

  test("is no other when it is sealed, and what has come once changes nothing when it comes again", async () => {
    const corpus = readHostileCallbacks().filter(({ body }) =>
      Buffer.from(body.toString("utf8")).equals(body),
    );
    const all = async () => {
      for (const { name, status, body } of corpus)
        expect({ name, status: (await push("safe", body)).status }).toEqual({ name, status });
      const inbox = Object.fromEntries(
        await Promise.all(
          (await stored())
            .filter(({ key }) => key.includes(":inbox:"))
            .map(async ({ key }) => [key, await rig.client.get(key)]),
        ),
      );
      return { inbox, events: await events() };
    };
    const once = await all();
    expect(once.events.filter((id) => id.startsWith("safe-"))).not.toEqual([]);
    expect(await all()).toEqual(once);
  });
});

describe("a signature", () => {
  const body = resultXml(4_000_000_001);

  test("that is a list, given twice, of another length or missing is refused", async () => {
    const { query } = sealPush(accountOf("plain"), body);
    const [signature, timestamp, nonce] = ["signature", "timestamp", "nonce"].map(
      (name) => query.get(name) ?? "",
    );
    const rest = `timestamp=${timestamp}&nonce=${nonce}`;
    const table = [
      `signature[]=${signature}&${rest}`,
      `signature[0]=${signature}&${rest}`,
      `signature=x&signature=${signature}&${rest}`,
      `signature=${signature?.slice(1)}&${rest}`,
      `signature=${signature}0&${rest}`,
      `signature=${signature?.toUpperCase()}&${rest}`,
      `signature=%00&${rest}`,
      `signature=%ff&${rest}`,
      `signature=${"%C3%A9".repeat(20)}&${rest}`,
      `signature=${"0".repeat(10_000)}&${rest}`,
      `signature=&${rest}`,
      rest,
      `__proto__[signature]=${signature}&${rest}`,
      `msg_signature=${signature}&${rest}`,
      "",
      "&&&===&",
    ];
    for (const query of table)
      expect([400, 403], query.slice(0, 60)).toContain((await post("plain", query, body)).status);
    for (const query of table) expect([400, 403]).toContain((await post("safe", query, body)).status);
    expect(await rig.client.exists("{qunfa:plain}:inbox:4000000001", "{qunfa:safe}:inbox:4000000001")).toBe(
      0,
    );
  });

  test("over an absurd timestamp is as good as any, and does nothing twice", async () => {
    const { token } = accountOf("plain");
    for (const timestamp of [
      "0",
      "-1",
      "99999999999999999999",
      "NaN",
      "1e400",
      "2026-11-11",
      "\0",
      "x".repeat(5_000),
    ]) {
      const query = new URLSearchParams({ timestamp, nonce: "1", signature: sign(token, timestamp, "1") });
      for (let times = 0; times < 2; times++)
        expect((await post("plain", query, resultXml(4_000_000_002))).text).toBe("success");
    }
    expect(await rig.client.zscore("{qunfa:plain}:unclaimed", "4000000002")).not.toBeNull();
  });
});

describe("a body on its way", () => {
  const head = (more: string) =>
    `POST ${path("plain", sealPush(accountOf("plain"), "").query)} HTTP/1.1\r\nHost: 127.0.0.1\r\n${more}\r\n\r\n`;

  test("that drips, announced or in chunks, is cut after ten seconds", async () => {
    const [announced, chunked] = await Promise.all([
      rawRequest(rig.url, `${head("Content-Length: 1000000")}<xml>`, { drip: "x", withinMs: 30_000 }),
      rawRequest(rig.url, `${head("Transfer-Encoding: chunked")}5\r\n<xml>\r\n`, {
        drip: "1\r\nx\r\n",
        withinMs: 30_000,
      }),
    ]);
    for (const { status, closed } of [announced, chunked])
      expect({ status, closed }).toEqual({ status: 408, closed: true });
  });

  test("that is compressed, or lies about its length or its encoding, is refused", async () => {
    const xml = resultXml(4_000_000_003);
    const { query } = sealPush(accountOf("plain"), xml);
    for (const encoding of ["gzip", "deflate", "br", "identity"])
      expect((await post("plain", query, gzipSync(xml), { "content-encoding": encoding })).status).toBe(400);
    for (const more of [
      "Content-Length: -1",
      "Content-Length: 1e3",
      "Content-Length: 5\r\nContent-Length: 6",
      "Content-Length: 5\r\nTransfer-Encoding: chunked",
      "Transfer-Encoding: gzip, chunked",
      "Transfer-Encoding: nonsense",
    ]) {
      const { status } = await rawRequest(rig.url, `${head(more)}5\r\n<xml>\r\n0\r\n\r\n`);
      expect({ more, refused: status >= 400 && status < 500 }).toEqual({ more, refused: true });
    }
    expect(await rig.client.exists("{qunfa:plain}:inbox:4000000003")).toBe(0);
  });
});
