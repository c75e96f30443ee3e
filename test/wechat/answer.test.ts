import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Answer, errorIn } from "../../src/wechat/answer.ts";
import { parseJson } from "../../src/wechat/json.ts";

describe("JSON of WeChat", () => {
  it("keeps every integer exact, as a number where a number can hold it", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }), (id) => {
        const { value } = parseJson(`{"value":${id}}`) as { value: unknown };
        expect(String(value)).toBe(String(id));
        expect(typeof value).toBe(Number.isSafeInteger(Number(id)) ? "number" : "string");
      }),
    );
  });

  it("reads whatever JSON.stringify writes", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!text.includes("__proto__") && !/\d{16}|e\+/.test(text));
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });
});

describe("an answer", () => {
  it.each<[string, unknown, unknown]>([
    ["without an errcode", { msg_id: 34182 }, { errcode: 0, msg_id: "34182" }],
    ["with an errcode in quotes", { errcode: "45028" }, { errcode: 45028 }],
    ["with an id in quotes", { msg_id: "201053012" }, { msg_id: "201053012" }],
    ["with an id that is none", { errcode: 45028, msg_id: 0 }, { errcode: 45028, msg_id: undefined }],
    ["with an errmsg that is no text", { errcode: 40007, errmsg: null }, { errcode: 40007, errmsg: "" }],
  ])("is understood %s", (_how, body, understood) => {
    expect(Answer.parse(body)).toMatchObject(understood as object);
  });

  it.each([null, [], "ok", 0, { errcode: null }, { errcode: "busy" }, { errcode: 1.5 }])(
    "is not %j",
    (body) => {
      expect(Answer.safeParse(body).success).toBe(false);
    },
  );
});

describe("the error in an answer", () => {
  it("keeps the rid apart from the message", () => {
    const errmsg = "invalid media_id rid: 60af6d7c-24c5c6b9-5b3ec9bc";
    expect(errorIn({ errcode: 40007, errmsg })).toEqual({
      errcode: 40007,
      message: "invalid media_id",
      rid: "60af6d7c-24c5c6b9-5b3ec9bc",
    });
  });

  it("keeps an older hint, and has a message where WeChat gave none", () => {
    const hinted = errorIn({
      errcode: 48008,
      errmsg: "no permission for this msgtype hint: [PgBA9a0938ge25]",
    });
    expect(hinted.message).toContain("[PgBA9a0938ge25]");
    expect(errorIn({ errcode: -1, errmsg: "" })).toEqual({ errcode: -1, message: "errcode -1" });
  });

  it("never quotes an OpenID, whatever stands around it", () => {
    const openid = fc.stringMatching(/^[A-Za-z0-9_-]{20,64}$/);
    fc.assert(
      fc.property(openid, fc.string(), fc.string(), (id, before, after) => {
        const { message } = errorIn({ errcode: 40003, errmsg: `${before} [${id}] ${after}` });
        expect(message).not.toContain(id);
      }),
    );
  });

  it("stays short and quick for an errmsg made to be slow", () => {
    expect(errorIn({ errcode: -1, errmsg: " ".repeat(1_000_000) }).message).toBe("errcode -1");
    expect(errorIn({ errcode: -1, errmsg: "ab ".repeat(300_000) }).message.length).toBeLessThan(600);
  });
});
