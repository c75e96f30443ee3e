import { promisify } from "node:util";
import { brotliCompress, brotliDecompress, brotliDecompressSync, constants } from "node:zlib";

const compress = promisify(brotliCompress);
const decompress = promisify(brotliDecompress);

/** Up to this a blob is unpacked in 0.3 ms at most, sooner than another thread is asked to. */
const SMALL_BYTES = 32_768;

/** Newline-joined and brotli at its quickest: 20 bytes an OpenID instead of 29 (MECHANICS section 2). */
export async function packLines(lines: readonly string[]): Promise<Buffer> {
  return compress(lines.join("\n"), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
}

export async function unpackLines(blob: Buffer): Promise<string[]> {
  const whole = blob.length <= SMALL_BYTES ? brotliDecompressSync(blob) : await decompress(blob);
  const text = whole.toString();
  return text === "" ? [] : text.split("\n");
}
