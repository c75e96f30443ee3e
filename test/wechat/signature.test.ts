import { describe, expect, it } from "vitest";
import { sign, signatureFits } from "../../src/wechat/signature.ts";
import { deterministic, sealed, signatures } from "./crypto-vectors.ts";

describe("a signature", () => {
  it.each(signatures)("is the one WeChat published for $name", ({ parts, signature }) => {
    expect(sign(...parts)).toBe(signature);
  });

  it.each(sealed)("covers the cipher text of $name", ({ parts, cipher, msgSignature }) => {
    expect(sign(...parts, cipher)).toBe(msgSignature);
  });

  it("covers the cipher text of a reply", () => {
    const [reply] = deterministic;
    expect(sign(...(reply?.parts ?? []), reply?.cipher ?? "")).toBe(reply?.msgSignature);
  });

  it("does not depend on the order of its parts and leaves them as they were", () => {
    const parts = ["c", "a", "b"];
    expect(sign(...parts)).toBe(sign("a", "b", "c"));
    expect(parts).toEqual(["c", "a", "b"]);
  });

  it("fits only itself", () => {
    const signature = sign("token", "1714036504", "1514711492");
    expect(signatureFits(signature, signature)).toBe(true);
    expect(signatureFits(signature, sign("token", "1714036504", "1514711493"))).toBe(false);
    expect(signatureFits(signature, signature.slice(1))).toBe(false);
    expect(signatureFits(signature, "")).toBe(false);
    expect(signatureFits(signature, "é".repeat(20))).toBe(false);
  });
});
