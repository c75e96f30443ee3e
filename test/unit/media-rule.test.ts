import { describe, expect, test } from "vitest";
import { formatOf, type MediaKind, mediaProblem } from "../../src/campaign/media-rule.ts";
import { mediaFile } from "../support/media.ts";

const MB = 1_048_576;
const takes: Record<MediaKind, readonly Parameters<typeof mediaFile>[0][]> = {
  picture: ["jpg", "png"],
  cover: ["jpg"],
  image: ["jpg", "png", "gif", "bmp"],
  voice: ["mp3", "wma", "wav", "amr"],
  video: ["mp4"],
};
const limits: Record<MediaKind, number> = {
  picture: MB - 1,
  cover: 65_536,
  image: 10 * MB,
  voice: 2 * MB,
  video: 10 * MB,
};
const all = ["jpg", "png", "gif", "bmp", "webp", "mp3", "amr", "wav", "wma", "mp4", "mov", "html"] as const;
const kinds = Object.keys(takes) as MediaKind[];

describe.each(kinds)("as %s", (kind) => {
  test("its formats are taken and no others", () => {
    const taken = all.filter((format) => mediaProblem(kind, mediaFile(format)) === undefined);
    expect([...taken].sort()).toEqual([...takes[kind]].sort());
  });

  test("its size is taken up to the limit", () => {
    const [format = "jpg"] = takes[kind];
    expect(mediaProblem(kind, mediaFile(format, limits[kind]))).toBeUndefined();
    expect(mediaProblem(kind, mediaFile(format, limits[kind] + 1))).toBe(
      `it has ${limits[kind] + 1} bytes, and ${limits[kind]} bytes are the most that WeChat takes as ${kind}`,
    );
  });

  test("nothing is no file", () => {
    expect(mediaProblem(kind, Buffer.alloc(0))).toBe("it is empty");
  });
});

describe("a format", () => {
  test.each([
    ["jpg", "image/jpeg"],
    ["png", "image/png"],
    ["gif", "image/gif"],
    ["bmp", "image/bmp"],
    ["mp3", "audio/mpeg"],
    ["amr", "audio/amr"],
    ["wav", "audio/wav"],
    ["wma", "audio/x-ms-wma"],
    ["mp4", "video/mp4"],
  ] as const)("%s is known by its bytes as %s", (extension, type) => {
    expect(formatOf(mediaFile(extension))).toEqual({ type, extension });
  });

  test.each(["ffd8", "fffb9064", "fff39064", "ffe39064", "424d", ""])(
    "of the bytes %j is told safely",
    (hex) => {
      const isFrame = hex.length === 8;
      expect(formatOf(Buffer.from(hex, "hex"))?.extension).toBe(isFrame ? "mp3" : undefined);
    },
  );

  test.each(["fff19064", "ffff9064", "BM: a text", "RIFF file", "GIF90a", "....ftypheic", "#!AMR-WB\n"])(
    "%j is none",
    (text) => {
      const bytes = /^[0-9a-f]{8}$/.test(text) ? Buffer.from(text, "hex") : Buffer.from(text.padEnd(64));
      expect(formatOf(bytes)).toBeUndefined();
    },
  );

  test("is named where it is the wrong one", () => {
    expect(mediaProblem("cover", mediaFile("png"))).toBe("it is png, and WeChat takes jpg as cover");
    expect(mediaProblem("picture", mediaFile("webp"))).toBe(
      "it is of no format known here, and WeChat takes jpg, png as picture",
    );
  });
});
