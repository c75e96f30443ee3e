import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Failure, failures } from "../../src/failure.ts";
import { type CallbackQuery, createCallbackReader } from "../../src/wechat/callback.ts";
import { createEnvelope } from "../../src/wechat/envelope.ts";
import type { WechatEvent } from "../../src/wechat/events.ts";
import { sign, signatureFits } from "../../src/wechat/signature.ts";
import { hugeCallbacks, readHostileCallbacks, resultXml } from "../support/hostile-callbacks.ts";

const appid = "wxdemo0000000000";
const token = "callback-token";
const encodingAESKey = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const [timestamp, nonce] = ["1714036504", "1514711492"];
const plain = createCallbackReader({ appid, token });
const safe = createCallbackReader({ appid, token, encodingAESKey });
const envelope = createEnvelope({ appid, encodingAESKey });
const signed = { timestamp, nonce, signature: sign(token, timestamp, nonce) };

/** What a reader makes of it: a status of the table, or an event no larger than an event is. */
function statusOf(read: () => WechatEvent): number {
  try {
    const event = read();
    const { originality: _, articleUrls: __, ...kept } = { originality: 0, articleUrls: [], ...event };
    expect(JSON.stringify(kept).length).toBeLessThan(5_000);
    if (event.kind === "mass-result") expect(event.msgId).toMatch(/^[1-9]\d{0,19}$/);
    return 200;
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    expect(failure.message).not.toContain("oHostile");
    expect(failure.message.length).toBeLessThan(200);
    return failures[failure.code].status;
  }
}

const readPlain = (body: string | Buffer, query: CallbackQuery = signed) =>
  statusOf(() => plain.read(query, body));

/** The same body inside an envelope, well signed. */
function readSealed(body: Buffer): number {
  const encrypt = envelope.seal(body.toString("utf8"));
  const query = { ...signed, msg_signature: sign(token, timestamp, nonce, encrypt) };
  return statusOf(() => safe.read(query, `<xml><Encrypt>${encrypt}</Encrypt></xml>`));
}

describe("a well-signed body of the corpus", () => {
  const corpus = readHostileCallbacks();

  test("is there in number, of both kinds", () => {
    expect(corpus.filter(({ status }) => status === 400).length).toBeGreaterThan(40);
    expect(corpus.filter(({ status }) => status === 200).length).toBeGreaterThan(25);
  });

  test.each(corpus)("$name gets that status, plain", ({ status, body }) => {
    expect(readPlain(body)).toBe(status);
  });

  // As text inside an envelope broken UTF-8 is mended by the one who seals.
  const sealable = corpus.filter(({ body }) => Buffer.from(body.toString("utf8")).equals(body));
  test.each(sealable)("$name gets that status, sealed", ({ status, body }) => {
    expect(readSealed(body)).toBe(status);
  });

  test.each(hugeCallbacks())("of $name gets $status", ({ status, body }) => {
    expect(readPlain(body)).toBe(status);
    if (status !== 413 && body.length < 700_000) expect(readSealed(body)).toBe(status);
  });
});

describe("a signature", () => {
  test("that is of another length, type or letter case does not fit", () => {
    const { signature } = signed;
    for (const given of [
      "",
      "0",
      signature.slice(1),
      `${signature}0`,
      signature.toUpperCase(),
      "é".repeat(40),
      "é".repeat(20),
      "\0".repeat(40),
      ` ${signature}`,
      signature.repeat(1_000),
    ])
      expect(signatureFits(signature, given)).toBe(false);
    expect(signatureFits(signature, signature)).toBe(true);
  });

  test("that is missing, or a list, is malformed, and a wrong one refused, whatever the query holds", () => {
    const names = fc.constantFrom(
      "signature",
      "timestamp",
      "nonce",
      "msg_signature",
      "openid",
      "__proto__",
      "signature[]",
    );
    const values = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(...Object.values(signed)));
    fc.assert(
      fc.property(fc.dictionary(names, values), (query) => {
        // What is signed is sorted first: time and nonce may stand in each other's place.
        const parts = (of: CallbackQuery) => [of.timestamp, of.nonce].sort();
        const fits = query.signature === signed.signature && isDeepStrictEqual(parts(query), parts(signed));
        const status = readPlain(resultXml(7), query);
        expect(fits ? [200] : [400, 403]).toContain(status);
        expect([400, 403]).toContain(statusOf(() => safe.read(query, resultXml(7))));
      }),
    );
    const listed = { ...signed, signature: [signed.signature] } as unknown as CallbackQuery;
    expect(readPlain(resultXml(7), listed)).toBe(400);
  });
});

test("any sealed bytes get 400 or 403, never more, and a good message after them is read", () => {
  const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array).toString("base64"));
  const texts = fc.oneof(
    bytes,
    fc.base64String(),
    fc.string(),
    fc.string({ unit: "binary", maxLength: 100 }),
  );
  fc.assert(
    fc.property(texts, (encrypt) => {
      const query = { ...signed, msg_signature: sign(token, timestamp, nonce, encrypt.trim()) };
      const body = `<xml><Encrypt><![CDATA[${encrypt}]]></Encrypt></xml>`;
      expect([400, 403]).toContain(statusOf(() => safe.read(query, body)));
    }),
  );
  expect(readSealed(Buffer.from(resultXml(7)))).toBe(200);
});

test("any well-signed result, whatever its fields, is read or malformed, and its counts are whole or left out", () => {
  const value = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.integer().map(String),
    fc.double().map(String),
    fc.bigInt().map(String),
    fc.constantFrom("<a>1</a>", "]]>", "<![CDATA[2]]>", "&amp;", "0x1f", "1e3", "", " 7 ", "\0"),
  );
  const names = [
    "MsgID",
    "MsgId",
    "Status",
    "TotalCount",
    "FilterCount",
    "SentCount",
    "ErrorCount",
    "CreateTime",
    "Event",
  ];
  const field = fc
    .tuple(fc.constantFrom(...names, "constructor"), value)
    .map(([name, text]) => `<${name}>${text}</${name}>`);
  fc.assert(
    fc.property(fc.array(field, { maxLength: 15 }), (fields) => {
      const body = `<xml>${fields.join("")}<MsgType>event</MsgType><Event>MASSSENDJOBFINISH</Event></xml>`;
      expect([200, 400]).toContain(readPlain(body));
    }),
    { numRuns: 1_000 },
  );
});
