/** Files that begin as those of their format do, filled up to a size; `mark` makes one differ from another. */
const heads = {
  jpg: Buffer.from("ffd8ffe000104a46494600", "hex"),
  png: Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"),
  gif: Buffer.from("GIF89a"),
  bmp: Buffer.concat([Buffer.from("BM"), Buffer.alloc(12), Buffer.from([40, 0, 0, 0])]),
  webp: Buffer.from("RIFF\0\0\0\0WEBPVP8 "),
  mp3: Buffer.from("ID3\u0003\0"),
  amr: Buffer.from("#!AMR\n"),
  wav: Buffer.from("RIFF\0\0\0\0WAVEfmt "),
  wma: Buffer.from("3026b2758e66cf11a6d900aa0062ce6c", "hex"),
  mp4: Buffer.from("\0\0\0\u0020ftypisom"),
  mov: Buffer.from("\0\0\0\u0014ftypqt  "),
  html: Buffer.from("<!doctype html><svg>"),
};

export function mediaFile(format: keyof typeof heads, size = 2_000, mark = ""): Buffer {
  const head = Buffer.concat([heads[format], Buffer.from(mark)]);
  return Buffer.concat([head, Buffer.alloc(Math.max(0, size - head.length), 7)]);
}
