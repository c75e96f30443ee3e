import { shownAddress } from "../campaign/shown-address.ts";
import { Failure } from "../failure.ts";

type Limited = {
  readonly body: AsyncIterable<Uint8Array>;
  /** What the answer says of its length, NaN when it says nothing. */
  readonly declared: number;
  readonly limitBytes: number;
};

/**
 * The bytes of an answer, counted as they arrive.
 *
 * @throws Failure CONTENT_TOO_LARGE as soon as its length is said or known to be above the limit; the message
 *   names address and size, where the size is known
 */
export async function readLimited(url: URL, { body, declared, limitBytes }: Limited): Promise<Buffer> {
  if (declared > limitBytes) throw tooLarge(url, `${declared} bytes`, limitBytes);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > limitBytes) throw tooLarge(url, `more than ${limitBytes} bytes`, limitBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(url: URL, size: string, limitBytes: number): Failure {
  const message = `${shownAddress(url)}: it has ${size}, and ${limitBytes} bytes are the most`;
  return new Failure("CONTENT_TOO_LARGE", message, { details: { limitBytes } });
}
