import { createHash, timingSafeEqual } from "node:crypto";

/**
 * WeChat's signature over the parts of a callback: SHA-1 in hex of the sorted, joined parts. The parts are
 * token, timestamp and nonce, and for `msg_signature` the cipher text too (WECHAT.md section 6.1).
 */
export function sign(...parts: string[]): string {
  return createHash("sha1")
    .update([...parts].sort().join(""))
    .digest("hex");
}

/** Compares in a time that does not tell how much of a forged signature was right. */
export function signatureFits(expected: string, given: string): boolean {
  const [left, right] = [Buffer.from(expected), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
}
