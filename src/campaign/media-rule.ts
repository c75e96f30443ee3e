/** What a file can become at WeChat, each with a call and limits of its own. */
export type MediaKind = "picture" | "cover" | "image" | "voice" | "video";

const KB = 1_024;
const MB = 1_024 * KB;

type Format = { readonly type: string; readonly is: (bytes: Buffer) => boolean };

const starts = (hex: string) => {
  const magic = Buffer.from(hex, "hex");
  return (bytes: Buffer) => bytes.subarray(0, magic.length).equals(magic);
};
const textAt = (bytes: Buffer, from: number, to: number) => bytes.toString("latin1", from, to);

/**
 * The formats that WeChat takes, by their first bytes: what a name or a Content-Type says proves nothing. Of our own,
 * for they are nine, and the package that knows hundreds (`file-type`) needs Node 22 by now.
 */
const formats = {
  jpg: { type: "image/jpeg", is: starts("ffd8ff") },
  png: { type: "image/png", is: starts("89504e470d0a1a0a") },
  gif: { type: "image/gif", is: (bytes) => /^GIF8[79]a$/.test(textAt(bytes, 0, 6)) },
  bmp: {
    type: "image/bmp",
    // Two letters prove little: the header behind them has one of these sizes.
    is: (bytes) =>
      textAt(bytes, 0, 2) === "BM" &&
      bytes.length > 18 &&
      [12, 40, 52, 56, 64, 108, 124].includes(bytes.readUInt32LE(14)),
  },
  amr: { type: "audio/amr", is: (bytes) => textAt(bytes, 0, 6) === "#!AMR\n" },
  wav: {
    type: "audio/wav",
    is: (bytes) => textAt(bytes, 0, 4) === "RIFF" && textAt(bytes, 8, 12) === "WAVE",
  },
  wma: { type: "audio/x-ms-wma", is: starts("3026b2758e66cf11a6d900aa0062ce6c") },
  mp4: {
    type: "video/mp4",
    // Its relatives (QuickTime, HEIC, M4A) have other brands.
    is: (bytes) =>
      textAt(bytes, 4, 8) === "ftyp" &&
      /^(iso\w|mp4\d|avc1|M4V.|MSNV|dash|mmp4|f4v )/.test(textAt(bytes, 8, 12)),
  },
  mp3: {
    type: "audio/mpeg",
    // With tags, or right away a frame: its sync bits, and layer III.
    is: (bytes) => textAt(bytes, 0, 3) === "ID3" || (bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xe6) === 0xe2),
  },
} as const satisfies Record<string, Format>;
type Extension = keyof typeof formats;

export type MediaRule = { readonly takes: readonly Extension[]; readonly limitBytes: number };

/**
 * WECHAT.md section 2.1. Images, voices and videos become permanent material, so the limits are add_material's; that
 * a temporary image has "10 MB or 2 MB" does not concern it. Less than 1 MB means one byte less. How long a voice
 * is (60 s) only WeChat tells, with 45007.
 */
export const mediaRules: Readonly<Record<MediaKind, MediaRule>> = {
  /** In an article, by uploadimg. */
  picture: { takes: ["jpg", "png"], limitBytes: MB - 1 },
  /** Of an article, a permanent thumb. */
  cover: { takes: ["jpg"], limitBytes: 64 * KB },
  image: { takes: ["jpg", "png", "gif", "bmp"], limitBytes: 10 * MB },
  voice: { takes: ["mp3", "wma", "wav", "amr"], limitBytes: 2 * MB },
  video: { takes: ["mp4"], limitBytes: 10 * MB },
};

/** The largest file that any kind takes. */
export const MEDIA_MAX_BYTES = 10 * MB;

export type MediaFormat = { readonly type: string; readonly extension: Extension };

/** What a file is, undefined when it is nothing that WeChat takes. */
export function formatOf(bytes: Buffer): MediaFormat | undefined {
  const found = Object.entries(formats).find(([, { is }]) => is(bytes));
  return found && { type: found[1].type, extension: found[0] as Extension };
}

/** Every format's name, for people. */
export const formatNames: string = Object.keys(formats).join(", ");

/** What keeps a file from becoming this, in words that fit behind its address; undefined when nothing does. */
export function mediaProblem(kind: MediaKind, bytes: Buffer): string | undefined {
  const { takes, limitBytes } = mediaRules[kind];
  if (bytes.length === 0) return "it is empty";
  if (bytes.length > limitBytes)
    return `it has ${bytes.length} bytes, and ${limitBytes} bytes are the most that WeChat takes as ${kind}`;
  const format = formatOf(bytes);
  if (format && takes.includes(format.extension)) return undefined;
  return `it is ${format?.extension ?? "of no format known here"}, and WeChat takes ${takes.join(", ")} as ${kind}`;
}
