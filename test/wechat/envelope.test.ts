import { createCipheriv } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEnvelope } from "../../src/wechat/envelope.ts";
import { deterministic, sealed } from "./crypto-vectors.ts";

const account = { appid: "wxdemo0000000000", encodingAESKey: "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG" };

/** Encrypts bytes as they are, so that a test can break what `seal` always gets right. */
function encryptRaw(plain: Buffer): string {
  const key = Buffer.from(`${account.encodingAESKey}=`, "base64");
  const cipher = createCipheriv("aes-256-cbc", key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(plain), cipher.final()]).toString("base64");
}

/** A plaintext with a length field and padding of the test's choice. */
function plaintext(
  message: Buffer,
  { length = message.length, pad }: { length?: number; pad?: Buffer } = {},
): Buffer {
  const lengthField = Buffer.alloc(4);
  lengthField.writeUInt32BE(length);
  const body = Buffer.concat([Buffer.alloc(16, "r"), lengthField, message, Buffer.from(account.appid)]);
  const size = 32 - (body.length % 32);
  return Buffer.concat([body, pad ?? Buffer.alloc(size, size)]);
}

describe("an envelope", () => {
  const envelope = createEnvelope(account);

  it.each(sealed)("opens $name", ({ appid, encodingAESKey, cipher, length, contains }) => {
    const message = createEnvelope({ appid, encodingAESKey }).open(cipher);
    expect(Buffer.byteLength(message)).toBe(length);
    expect(message).toContain(contains);
  });

  it.each(deterministic)(
    "seals $name byte for byte",
    ({ appid, encodingAESKey, random, message, cipher }) => {
      const { seal, open } = createEnvelope({ appid, encodingAESKey });
      expect(seal(message, Buffer.from(random))).toBe(cipher);
      expect(open(cipher)).toBe(message);
    },
  );

  it("gives back whatever was sealed, padding of every size included", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 100 }), (message) => {
        expect(envelope.open(envelope.seal(message))).toBe(message);
      }),
    );
    expect(envelope.open(envelope.seal("\uFEFF中文"))).toBe("\uFEFF中文");
  });

  it("never seals the same message twice alike", () => {
    expect(envelope.seal("message")).not.toBe(envelope.seal("message"));
  });

  it("refuses a message sealed for another appid as badly signed", () => {
    const foreign = createEnvelope({ ...account, appid: "wxother000000000" });
    expect(() => envelope.open(foreign.seal("message"))).toThrow(
      expect.objectContaining({ code: "BAD_SIGNATURE" }),
    );
  });

  it.each([
    ["base64 with a foreign character", `${envelope.seal("message").slice(0, -1)}!`],
    ["base64 cut short", envelope.seal("message").slice(0, -1)],
    ["no text at all", ""],
    ["half a block", Buffer.alloc(16).toString("base64")],
    ["a padding of zero", encryptRaw(plaintext(Buffer.from("m"), { pad: Buffer.alloc(27, 0) }))],
    ["a padding above 32", encryptRaw(plaintext(Buffer.from("m"), { pad: Buffer.alloc(27, 33) }))],
    [
      "padding bytes that differ",
      encryptRaw(plaintext(Buffer.from("m"), { pad: Buffer.alloc(27, "\x1b\x01") })),
    ],
    ["nothing but padding", encryptRaw(Buffer.alloc(32, 32))],
    ["a length past the end", encryptRaw(plaintext(Buffer.from("m"), { length: 4_000_000_000 }))],
    ["a message that is not UTF-8", encryptRaw(plaintext(Buffer.from([0xff, 0xfe])))],
  ])("refuses %s as malformed", (_what, cipher) => {
    expect(() => envelope.open(cipher)).toThrow(expect.objectContaining({ code: "BAD_CALLBACK" }));
  });

  it("refuses every damaged cipher text with a failure of the table", () => {
    const whole = Buffer.from(envelope.seal("message"), "base64");
    for (let at = 0; at < whole.length; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      try {
        envelope.open(damaged.toString("base64"));
      } catch (failure) {
        expect(failure).toMatchObject({ name: "Failure" });
      }
    }
  });

  it("asks for a key of 43 characters", () => {
    expect(() => createEnvelope({ ...account, encodingAESKey: "short" })).toThrow(
      expect.objectContaining({ code: "BAD_CONFIG" }),
    );
  });
});
