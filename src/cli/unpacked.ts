import { listText } from "../campaign/list-text.ts";
import { Failure } from "../failure.ts";

const GZIP = Buffer.from([0x1f, 0x8b]);

/** An archive, and a workbook of Excel too. */
const ZIP = Buffer.from("PK\u0003\u0004");

/**
 * A list as text, whatever its name: by its first bytes it is told whether it is packed by gzip, with the limits of
 * the HTTP door then.
 *
 * @throws Failure UNSUPPORTED_MEDIA_TYPE for a zip file, and what `listText` throws
 */
export async function* unpacked(source: AsyncIterable<string | Uint8Array>): AsyncGenerator<Uint8Array> {
  const bytes = bytesIn(source);
  const head: Uint8Array[] = [];
  let start = Buffer.alloc(0);
  try {
    while (start.length < ZIP.length) {
      const { value, done } = await bytes.next();
      if (done) break;
      head.push(value);
      start = Buffer.concat(head);
    }
    if (start.indexOf(ZIP) === 0)
      throw new Failure(
        "UNSUPPORTED_MEDIA_TYPE",
        "The list is a zip file, as a workbook of Excel is: save it as CSV, or pack it by gzip.",
      );
    const all = follow(start, bytes);
    yield* start.indexOf(GZIP) === 0 ? listText(all, true) : all;
  } finally {
    await bytes.return(undefined);
  }
}

async function* bytesIn(source: AsyncIterable<string | Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
}

async function* follow(start: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield start;
  yield* rest;
}
