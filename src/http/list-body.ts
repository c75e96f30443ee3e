import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { ListFormat } from "../campaign/list.ts";
import { Failure } from "../failure.ts";
import { chunksOf } from "./body.ts";
import { charsetOf } from "./charset.ts";

const FORMATS: Readonly<Record<string, ListFormat>> = {
  "text/plain": "text",
  "text/csv": "csv",
  "application/x-ndjson": "ndjson",
};

export type ListLimits = {
  /** Of the list as text; a gzip bomb ends here at the latest. */
  readonly limitBytes: number;
  /** How often longer than what came the text may be, once it has passed 16 MB: no list of OpenIDs comes near. */
  readonly expansionMax: number;
  readonly withinMs: number;
};

/** 35 million OpenIDs, and half an hour for them. */
const LIST_LIMITS: ListLimits = { limitBytes: 1024 ** 3, expansionMax: 100, withinMs: 1_800_000 };

const HONEST_BYTES = 16 * 1024 * 1024;

type Bytes = AsyncGenerator<Uint8Array>;

/**
 * A list in a request's body, as text while it arrives: read no faster than it is used, so that only pieces of
 * it are ever held. `bytes` throws Failure TOO_LARGE, TOO_SLOW, or BAD_REQUEST when the body is no whole gzip or
 * the connection ends before it.
 *
 * @throws Failure UNSUPPORTED_MEDIA_TYPE
 */
export function openListBody(
  request: Request,
  limits = LIST_LIMITS,
): { format: ListFormat; bytes: AsyncIterable<Uint8Array> } {
  const contentType = request.headers.get("content-type") ?? "";
  const [type = ""] = contentType.split(";");
  const format = FORMATS[type.trim().toLowerCase()];
  if (!format)
    throw new Failure(
      "UNSUPPORTED_MEDIA_TYPE",
      `Send the list as Content-Type: ${Object.keys(FORMATS).join(", ")}.`,
    );
  // In any other charset that is in use an OpenID is the bytes that it is in ASCII.
  if (/^(utf-?(16|32)|ucs)/.test(charsetOf(contentType) ?? ""))
    throw new Failure("UNSUPPORTED_MEDIA_TYPE", "Send the list in UTF-8.");
  const encoding = (request.headers.get("content-encoding") ?? "").trim().toLowerCase();
  const came = counted(chunksOf(request, limits.withinMs));
  if (encoding === "gzip" || encoding === "x-gzip")
    return { format, bytes: bounded(gunzipped(came.bytes), limits, came.count) };
  if (encoding === "" || encoding === "identity")
    return { format, bytes: bounded(came.bytes, limits, came.count) };
  throw new Failure("UNSUPPORTED_MEDIA_TYPE", "Send the list plain or with Content-Encoding: gzip.");
}

function counted(bytes: Bytes) {
  let count = 0;
  async function* all(): Bytes {
    for await (const chunk of bytes) {
      count += chunk.byteLength;
      yield chunk;
    }
  }
  return { bytes: all(), count: () => count };
}

async function* bounded(bytes: Bytes, { limitBytes, expansionMax }: ListLimits, came: () => number): Bytes {
  let count = 0;
  for await (const chunk of bytes) {
    count += chunk.byteLength;
    if (count > limitBytes)
      throw new Failure("TOO_LARGE", `The list is larger than ${limitBytes} bytes of text.`);
    if (count > HONEST_BYTES && count > expansionMax * came())
      throw new Failure("TOO_LARGE", `The list unpacks to more than ${expansionMax} times what was sent.`);
    yield chunk;
  }
}

async function* gunzipped(bytes: Bytes): Bytes {
  const gunzip = createGunzip();
  const fed = pipeline(bytes, gunzip);
  // Whoever reads hears of it.
  fed.catch(() => {});
  try {
    yield* gunzip;
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure("BAD_REQUEST", "The body is no whole gzip.", { cause });
  }
}
