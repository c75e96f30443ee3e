import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCallbackReader } from "../../src/wechat/callback.ts";
import { createEnvelope } from "../../src/wechat/envelope.ts";
import { sign } from "../../src/wechat/signature.ts";
import { createXmlReader } from "../../src/wechat/xml.ts";
import { sealed } from "./crypto-vectors.ts";

const appid = "wxdemo0000000000";
const token = "callback-token";
const encodingAESKey = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const [timestamp, nonce] = ["1714036504", "1514711492"];

const plain = createCallbackReader({ appid, token });
const safe = createCallbackReader({ appid, token, encodingAESKey });
const envelope = createEnvelope({ appid, encodingAESKey });

const result = (msgId: number) =>
  `<xml><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[MASSSENDJOBFINISH]]></Event><MsgID>${msgId}</MsgID><Status><![CDATA[send success]]></Status></xml>`;

const plainQuery = { timestamp, nonce, signature: sign(token, timestamp, nonce) };
const sealedQuery = (encrypt: string) => ({
  ...plainQuery,
  encrypt_type: "aes",
  msg_signature: sign(token, timestamp, nonce, encrypt),
});
const sealedBody = (encrypt: string, beside = "") =>
  `<xml><ToUserName><![CDATA[gh_0123456789ab]]></ToUserName><Encrypt><![CDATA[${encrypt}]]></Encrypt>${beside}</xml>`;

const failing = (code: string) => expect.objectContaining({ code });

describe("the check of the URL", () => {
  it("is answered with the echostr when the signature fits, with a key or without", () => {
    for (const reader of [plain, safe])
      expect(reader.verify({ ...plainQuery, echostr: "4375" })).toBe("4375");
  });

  it("is answered as WeChat published it", () => {
    const query = {
      signature: "f464b24fc39322e44b38aa78f5edd27bd1441696",
      timestamp: "1714036504",
      nonce: "1514711492",
      echostr: "4375120948345356249",
    };
    expect(createCallbackReader({ appid, token: "AAAAA" }).verify(query)).toBe("4375120948345356249");
    expect(() => plain.verify(query)).toThrow(failing("BAD_SIGNATURE"));
  });

  it.each(["signature", "timestamp", "nonce", "echostr"])("is malformed without %s", (name) => {
    const query = { ...plainQuery, echostr: "4375", [name]: undefined };
    expect(() => plain.verify(query)).toThrow(failing("BAD_CALLBACK"));
  });
});

describe("an account without a key", () => {
  it("takes plain bodies, as text or bytes", () => {
    expect(plain.read(plainQuery, result(7))).toMatchObject({ kind: "mass-result", msgId: "7" });
    expect(plain.read(plainQuery, Buffer.from(result(8)))).toMatchObject({ msgId: "8" });
  });

  it("takes the plain nodes of a body in compatible mode", () => {
    const body = result(7).replace("</xml>", "<Encrypt><![CDATA[sealed]]></Encrypt></xml>");
    expect(plain.read(plainQuery, body)).toMatchObject({ msgId: "7" });
  });

  it("refuses what is wrongly signed before it looks at the body", () => {
    const forged = { ...plainQuery, nonce: "1" };
    expect(() => plain.read(forged, "not XML")).toThrow(failing("BAD_SIGNATURE"));
    expect(() => plain.read({ ...plainQuery, signature: undefined }, result(7))).toThrow(
      failing("BAD_CALLBACK"),
    );
  });

  it("can make nothing of a body in safe mode", () => {
    expect(() => plain.read(plainQuery, sealedBody("sealed"))).toThrow(failing("BAD_CALLBACK"));
  });
});

describe("an account with a key", () => {
  it("takes what is sealed, in safe and in compatible mode", () => {
    const encrypt = envelope.seal(result(7));
    expect(safe.read(sealedQuery(encrypt), sealedBody(encrypt))).toMatchObject({ msgId: "7" });
    const beside = "<MsgType>event</MsgType><Event>MASSSENDJOBFINISH</Event><MsgID>666</MsgID>";
    expect(safe.read(sealedQuery(encrypt), sealedBody(encrypt, beside))).toMatchObject({ msgId: "7" });
  });

  it("reads the messages that WeChat published", () => {
    const vectors = sealed.filter(({ name }) => name.startsWith("V3") || name.startsWith("V4"));
    expect(vectors).toHaveLength(2);
    for (const { appid, encodingAESKey, parts, msgSignature, cipher } of vectors) {
      const [token = "", timestamp, nonce] = parts;
      const reader = createCallbackReader({ appid, token, encodingAESKey });
      const query = { timestamp, nonce, msg_signature: msgSignature };
      expect(reader.read(query, sealedBody(cipher))).toMatchObject({ type: expect.any(String) });
    }
  });

  it("refuses a plain body, however well signed", () => {
    expect(() => safe.read(plainQuery, result(7))).toThrow(failing("BAD_CALLBACK"));
    expect(() => safe.read(sealedQuery(""), result(7))).toThrow(failing("BAD_CALLBACK"));
  });

  it("refuses a sealed body under another message's signature, or under the plain one", () => {
    const [encrypt, another] = [envelope.seal(result(7)), envelope.seal(result(8))];
    expect(() => safe.read(sealedQuery(another), sealedBody(encrypt))).toThrow(failing("BAD_SIGNATURE"));
    const query = { ...plainQuery, msg_signature: plainQuery.signature };
    expect(() => safe.read(query, sealedBody(encrypt))).toThrow(failing("BAD_SIGNATURE"));
  });

  it("refuses a message sealed for another appid, and one that is not XML inside", () => {
    const foreign = createEnvelope({ appid: "wxother000000000", encodingAESKey }).seal(result(7));
    expect(() => safe.read(sealedQuery(foreign), sealedBody(foreign))).toThrow(failing("BAD_SIGNATURE"));
    const json = envelope.seal('{"MsgType":"event"}');
    expect(() => safe.read(sealedQuery(json), sealedBody(json))).toThrow(failing("BAD_CALLBACK"));
    const garbage = Buffer.alloc(32).toString("base64");
    expect(() => safe.read(sealedQuery(garbage), sealedBody(garbage))).toThrow(failing("BAD_CALLBACK"));
  });
});

describe("while a token or key is replaced", () => {
  const newKey = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba";
  const next = { appid, token: "next-token", encodingAESKey: newKey };
  const both = { ...next, previousToken: token, previousEncodingAESKey: encodingAESKey };
  const message = (of: { token: string; encodingAESKey: string }, msgId: number) => {
    const encrypt = createEnvelope({ appid, encodingAESKey: of.encodingAESKey }).seal(result(msgId));
    return [
      { timestamp, nonce, msg_signature: sign(of.token, timestamp, nonce, encrypt) },
      sealedBody(encrypt),
    ] as const;
  };

  it("what fits the old ones, the new ones or one of each is taken, and the URL is verified by both tokens", () => {
    const reader = createCallbackReader(both);
    for (const signedBy of [token, next.token])
      for (const sealedBy of [encodingAESKey, newKey]) {
        const [query, body] = message({ token: signedBy, encodingAESKey: sealedBy }, 7);
        expect(reader.read(query, body)).toMatchObject({ msgId: "7" });
        const signature = sign(signedBy, timestamp, nonce);
        expect(reader.verify({ timestamp, nonce, signature, echostr: "4375" })).toBe("4375");
      }
  });

  it("what fits neither is refused, and a plain body too", () => {
    const reader = createCallbackReader(both);
    const [query, body] = message({ token: "another", encodingAESKey }, 7);
    expect(() => reader.read(query, body)).toThrow(failing("BAD_SIGNATURE"));
    expect(() => reader.read(plainQuery, result(7))).toThrow(failing("BAD_CALLBACK"));
    const unsealed = createCallbackReader({ appid, token, previousEncodingAESKey: encodingAESKey });
    expect(unsealed.read(plainQuery, result(7))).toMatchObject({ msgId: "7" });
  });

  it("afterwards the old ones count no more", () => {
    const [query, body] = message({ token, encodingAESKey }, 7);
    expect(() => createCallbackReader(next).read(query, body)).toThrow(failing("BAD_SIGNATURE"));
  });
});

describe("a body", () => {
  it("has at most a megabyte", () => {
    const limit = 1024 * 1024;
    const padded = (size: number) => result(7) + " ".repeat(size - result(7).length);
    expect(plain.read(plainQuery, padded(limit))).toMatchObject({ msgId: "7" });
    expect(() => plain.read(plainQuery, padded(limit + 1))).toThrow(failing("TOO_LARGE"));
    expect(() => plain.read(plainQuery, Buffer.from("中".repeat(limit / 2)))).toThrow(failing("TOO_LARGE"));
  });

  it.each<[string, string | Buffer]>([
    ["empty", ""],
    ["no XML", "hello"],
    ["JSON", '{"MsgType":"event"}'],
    ["cut short", result(7).slice(0, -9)],
    ["badly nested", "<xml><a><b></a></b></xml>"],
    ["two of them", `${result(7)}${result(8)}`],
    ["another root", "<root><MsgType>event</MsgType></root>"],
    ["a root with nothing but text", "<xml>event</xml>"],
    ["nested without end", `<xml>${"<a>".repeat(5_000)}${"</a>".repeat(5_000)}</xml>`],
    ["a DOCTYPE", `<!DOCTYPE xml>${result(7)}`],
    ["a DOCTYPE hidden behind a comment", `<!-- <![CDATA[ --><!DOCTYPE xml>${result(7)}<!-- ]]> -->`],
    ["an entity of its own", `<!DOCTYPE x [<!ENTITY e "event">]><xml><MsgType>&e;</MsgType></xml>`],
    ["a CDATA section left open", "<xml><MsgType><![CDATA[event</MsgType></xml>"],
    ["not UTF-8", Buffer.from([0x3c, 0xff, 0xfe])],
  ])("is malformed when it is %s", (_what, body) => {
    expect(() => plain.read(plainQuery, body)).toThrow(failing("BAD_CALLBACK"));
  });

  it("may speak of a DOCTYPE in a person's own words", () => {
    const body = "<xml><MsgType>text</MsgType><Content><![CDATA[<!DOCTYPE html> &amp; <b>]]></Content></xml>";
    expect(plain.read(plainQuery, body)).toMatchObject({ kind: "message", type: "text" });
  });

  it("is never expanded", () => {
    const xml = createXmlReader()("<xml><a>&lt;b&gt; &amp; &#65;</a><n>007</n><f>1e3</f></xml>");
    expect(xml).toEqual({ a: "&lt;b&gt; &amp; &#65;", n: "007", f: "1e3" });
  });

  it("does not reach an object's prototype", () => {
    const body = "<xml><MsgType>text</MsgType><__proto__><polluted>yes</polluted></__proto__></xml>";
    expect(() => plain.read(plainQuery, body)).toThrow(failing("BAD_CALLBACK"));
    expect({}).not.toHaveProperty("polluted");
  });

  it.each(["<!--", "<![CDATA[", "<xml>", "<a b='", "&amp;", "<?", "]]>", "<xml ", "<a>x</a>"])(
    "made of nothing but %s is read or refused, and does not hold the server up for minutes",
    (piece) => {
      const startedAt = performance.now();
      const body = piece.repeat(Math.floor((1024 * 1024 - 11) / piece.length));
      for (const xml of [body, `<xml>${body}</xml>`]) {
        try {
          plain.read(plainQuery, xml);
        } catch (failure) {
          expect(failure).toEqual(failing("BAD_CALLBACK"));
        }
      }
      // Far above what a busy machine needs, far below what a reader with quadratic work takes.
      expect(performance.now() - startedAt).toBeLessThan(20_000);
    },
  );

  it("is read or refused by a failure of the table, whatever it is, which quotes nothing of it", () => {
    const part = fc.constantFrom(
      "<xml>",
      "</xml>",
      "<a>",
      "</a>",
      "<![CDATA[",
      "]]>",
      "<!--",
      "-->",
      "oTESTx",
      "&",
      "<",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        try {
          plain.read(plainQuery, parts.join(""));
        } catch (failure) {
          expect(failure).toEqual(failing("BAD_CALLBACK"));
          expect((failure as Error).message).not.toContain("oTESTx");
        }
      }),
    );
  });
});
