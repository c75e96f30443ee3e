import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { Failure } from "../failure.ts";

export type TextLimits = {
  /** Of the list as text; a gzip bomb ends here at the latest. */
  readonly limitBytes: number;
  /** How often longer than what came the text may be, once it has passed 16 MB: no list of OpenIDs comes near. */
  readonly expansionMax: number;
};

/** 35 million OpenIDs. */
export const LIST_TEXT: TextLimits = { limitBytes: 1024 ** 3, expansionMax: 100 };

const HONEST_BYTES = 16 * 1024 * 1024;

type Bytes = AsyncIterable<Uint8Array>;

/**
 * A list as text while it comes, plain or packed by gzip: read no faster than it is used.
 *
 * @throws Failure TOO_LARGE, BAD_REQUEST when it is no whole gzip, and whatever `bytes` throws
 */
export async function* listText(
  bytes: Bytes,
  isPacked: boolean,
  { limitBytes, expansionMax }: TextLimits = LIST_TEXT,
): AsyncGenerator<Uint8Array> {
  let [came, count] = [0, 0];
  async function* counted() {
    for await (const chunk of bytes) {
      came += chunk.byteLength;
      yield chunk;
    }
  }
  for await (const chunk of isPacked ? gunzipped(counted()) : counted()) {
    count += chunk.byteLength;
    if (count > limitBytes)
      throw new Failure("TOO_LARGE", `The list is larger than ${limitBytes} bytes of text.`);
    if (count > HONEST_BYTES && count > expansionMax * came)
      throw new Failure("TOO_LARGE", `The list unpacks to more than ${expansionMax} times what was sent.`);
    yield chunk;
  }
}

async function* gunzipped(bytes: Bytes): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  const fed = pipeline(bytes, gunzip);
  // Whoever reads hears of it.
  fed.catch(() => {});
  try {
    yield* gunzip;
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure("BAD_REQUEST", "The list is no whole gzip.", { cause });
  }
}
