export type FileKind = "jpg" | "png" | "gif" | "bmp" | "mp3" | "amr" | "wav" | "wma" | "mp4";

// How files begin; a dot stands for any byte.
const beginnings: readonly (readonly [FileKind, RegExp])[] = [
  ["jpg", /^\xff\xd8\xff/],
  ["png", /^\x89PNG\r\n/],
  ["gif", /^GIF8[79]a/],
  ["bmp", /^BM/],
  ["mp3", /^(ID3|\xff[\xe2-\xff])/],
  ["amr", /^#!AMR/],
  ["wav", /^RIFF.{4}WAVE/s],
  ["wma", /^\x30\x26\xb2\x75/],
  ["mp4", /^.{4}ftyp/s],
];

/** What a file is by its first bytes, whatever its name says. */
export function fileKindOf(bytes: Uint8Array): FileKind | undefined {
  const head = Buffer.from(bytes.subarray(0, 16)).toString("latin1");
  return beginnings.find(([, beginning]) => beginning.test(head))?.[0];
}
