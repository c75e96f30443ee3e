import type { ListFormat } from "../campaign/list.ts";
import { LIST_TEXT, listText, type TextLimits } from "../campaign/list-text.ts";
import { Failure } from "../failure.ts";
import { chunksOf } from "./body.ts";
import { charsetOf } from "./charset.ts";

const FORMATS: Readonly<Record<string, ListFormat>> = {
  "text/plain": "text",
  "text/csv": "csv",
  "application/x-ndjson": "ndjson",
};

export type ListLimits = TextLimits & { readonly withinMs: number };

/** Half an hour for all that may come. */
const LIST_LIMITS: ListLimits = { ...LIST_TEXT, withinMs: 1_800_000 };

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
  const came = chunksOf(request, limits.withinMs);
  if (encoding === "gzip" || encoding === "x-gzip") return { format, bytes: listText(came, true, limits) };
  if (encoding === "" || encoding === "identity") return { format, bytes: listText(came, false, limits) };
  throw new Failure("UNSUPPORTED_MEDIA_TYPE", "Send the list plain or with Content-Encoding: gzip.");
}
