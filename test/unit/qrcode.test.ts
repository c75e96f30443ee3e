import { describe, expect, test } from "vitest";
import { QrCode } from "../../src/campaign/qrcode.ts";

const isTaken = (code: unknown) => QrCode.safeParse(code).success;
const temporary = (scene: unknown, expireSeconds: unknown = 60) => ({
  kind: "temporary",
  scene,
  expireSeconds,
});
const permanent = (scene: unknown) => ({ kind: "permanent", scene });

describe("a QR code", () => {
  test.each([1, 2_147_483_647, "a", "场".repeat(64)])("for a while takes the scene %j", (scene) => {
    expect(isTaken(temporary(scene))).toBe(true);
  });

  test.each([0, -1, 2_147_483_648, 1.5, "", "a".repeat(65), "a\u0000", null])(
    "refuses the scene %j",
    (scene) => {
      expect(isTaken(temporary(scene))).toBe(false);
    },
  );

  test("for ever has a number up to 100,000, or a word", () => {
    expect([1, 100_000, "spring"].map((scene) => isTaken(permanent(scene)))).toEqual([true, true, true]);
    expect([0, 100_001, ""].map((scene) => isTaken(permanent(scene)))).toEqual([false, false, false]);
  });

  test("for a while says for how long, up to 30 days; one for ever does not", () => {
    expect([1, 2_592_000].map((seconds) => isTaken(temporary(1, seconds)))).toEqual([true, true]);
    expect([0, 2_592_001, 1.5, "60"].map((seconds) => isTaken(temporary(1, seconds)))).toEqual(
      Array(4).fill(false),
    );
    expect(isTaken({ kind: "temporary", scene: 1 })).toBe(false);
    expect(isTaken({ ...permanent(1), expireSeconds: 60 })).toBe(false);
  });
});
