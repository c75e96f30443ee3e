import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { Failure } from "../failure.ts";

// Layout of a plaintext: 16 random bytes, 4 bytes of length (big endian), the message, the appid, and
// PKCS#7 padding to a multiple of 32. Node's own unpadding knows blocks of 16 only, so it stays off.
const randomLength = 16;
const headLength = randomLength + 4;
const paddingBlock = 32;

export type Envelope = ReturnType<typeof createEnvelope>;

/**
 * Seals and opens the `Encrypt` node of WeChat callbacks for one account (WECHAT.md section 6.1).
 * Throws `BAD_CONFIG` when the EncodingAESKey is not 43 characters of base64.
 */
export function createEnvelope({ appid, encodingAESKey }: { appid: string; encodingAESKey: string }) {
  if (!/^[A-Za-z0-9+/]{43}$/.test(encodingAESKey)) {
    throw new Failure("BAD_CONFIG", "An EncodingAESKey is 43 characters of base64.");
  }
  const key = Buffer.from(`${encodingAESKey}=`, "base64");
  const iv = key.subarray(0, 16);
  const owner = Buffer.from(appid);

  return {
    /** `random` is 16 bytes; given only by tests, which need the same cipher text twice. */
    seal(message: string, random: Buffer = randomBytes(randomLength)): string {
      const body = Buffer.from(message);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(body.length);
      const cipher = createCipheriv("aes-256-cbc", key, iv).setAutoPadding(false);
      const plain = pad(Buffer.concat([random, length, body, owner]));
      return Buffer.concat([cipher.update(plain), cipher.final()]).toString("base64");
    },

    /**
     * The message inside. Throws `BAD_CALLBACK` for broken base64, padding, length or UTF-8 and
     * `BAD_SIGNATURE` when it was sealed for another appid.
     */
    open(cipher: string): string {
      const plain = unpad(decrypt(cipher, key, iv));
      if (plain.length < headLength) throw malformed("is too short");
      const end = headLength + plain.readUInt32BE(randomLength);
      if (end > plain.length) throw malformed("has a wrong length");
      if (!plain.subarray(end).equals(owner)) {
        throw new Failure("BAD_SIGNATURE", "The encrypted message is for another appid.");
      }
      try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
          plain.subarray(headLength, end),
        );
      } catch (cause) {
        throw malformed("is not UTF-8", cause);
      }
    },
  };
}

function decrypt(cipher: string, key: Buffer, iv: Buffer): Buffer {
  const sealed = Buffer.from(cipher, "base64");
  // Buffer skips what is not base64 without a word, so the text is held against what it was read as.
  if (sealed.toString("base64") !== cipher) throw malformed("is not base64");
  if (sealed.length === 0 || sealed.length % paddingBlock !== 0) throw malformed("has a wrong size");
  const decipher = createDecipheriv("aes-256-cbc", key, iv).setAutoPadding(false);
  return Buffer.concat([decipher.update(sealed), decipher.final()]);
}

function pad(plain: Buffer): Buffer {
  const size = paddingBlock - (plain.length % paddingBlock);
  return Buffer.concat([plain, Buffer.alloc(size, size)]);
}

function unpad(plain: Buffer): Buffer {
  const size = plain.at(-1) ?? 0;
  if (size < 1 || size > paddingBlock) throw malformed("has broken padding");
  if (!plain.subarray(-size).every((byte) => byte === size)) throw malformed("has broken padding");
  return plain.subarray(0, -size);
}

function malformed(what: string, cause?: unknown): Failure {
  return new Failure("BAD_CALLBACK", `The encrypted message ${what}.`, { cause });
}
