import { gunzipSync } from "node:zlib";

/**
 * The text of an answer's body: UTF-8, whatever charset it names, without a byte order mark. Compression is
 * not asked for; gzip of a proxy on the way is understood all the same.
 *
 * @throws Error for a body that is broken, longer than `maxBytes` when unpacked, or packed in another way.
 */
export function textOf(body: Buffer, encoding: string, maxBytes: number): string {
  return new TextDecoder().decode(unpacked(body, encoding.trim().toLowerCase(), maxBytes));
}

function unpacked(body: Buffer, encoding: string, maxBytes: number): Buffer {
  if (encoding === "" || encoding === "identity") return body;
  if (encoding === "gzip" || encoding === "x-gzip") return gunzipSync(body, { maxOutputLength: maxBytes });
  throw new Error("an encoding that was not asked for");
}
