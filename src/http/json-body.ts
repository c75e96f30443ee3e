import { Failure } from "../failure.ts";
import { type BodyLimits, readBody } from "./body.ts";
import { charsetOf } from "./charset.ts";

/** CONTRACT section 5: a body is `application/json`, at most 16 MB. */
const JSON_LIMITS: BodyLimits = { limitBytes: 16 * 1024 * 1024, withinMs: 60_000 };

/** Far above any body of ours, which is a few levels deep and names 100,000 people at most. */
const LEVELS_MAX = 100;
const NESTED_MAX = 200_000;
const VALUES_MAX = 1_000_000;
/** The 64 KB that metadata may have are 10,000 of the shortest; a name costs several times what an entry of a list does. */
const NAMES_MAX = 20_000;

const BYTE = {
  quote: 0x22,
  backslash: 0x5c,
  comma: 0x2c,
  colon: 0x3a,
  list: 0x5b,
  listEnd: 0x5d,
  object: 0x7b,
  objectEnd: 0x7d,
} as const;

/**
 * The JSON value in a request's body, whatever it is: its schema is the caller's to check. No failure
 * repeats a word of the body, for it may hold OpenIDs.
 *
 * @throws Failure UNSUPPORTED_MEDIA_TYPE unless the body says that it is plain `application/json` (parameters may
 *   follow, a charset if it is UTF-8), TOO_LARGE, BAD_REQUEST when it is no JSON in UTF-8
 */
export async function readJson(request: Request, limits = JSON_LIMITS): Promise<unknown> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^\s*application\/json\s*(;|$)/i.test(type))
    throw new Failure("UNSUPPORTED_MEDIA_TYPE", "Send the body as Content-Type: application/json.");
  if (!["utf-8", "us-ascii"].includes(charsetOf(type) ?? "utf-8"))
    throw new Failure("UNSUPPORTED_MEDIA_TYPE", "Send the body in UTF-8.");
  if (!/^\s*(identity\s*)?$/i.test(request.headers.get("content-encoding") ?? ""))
    throw new Failure("UNSUPPORTED_MEDIA_TYPE", "Send the body without a Content-Encoding.");

  const body = await readBody(request, limits);
  checkShape(body);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    // Not handed on as the cause: V8 quotes the text that it could not read.
    throw new Failure("BAD_REQUEST", "The body is no JSON in UTF-8.");
  }
}

/**
 * Refuses what is small as bytes and huge as values before it becomes values: 16 MB of nothing but brackets
 * would keep the process busy for seconds and take a gigabyte.
 *
 * @throws Failure BAD_REQUEST
 */
function checkShape(body: Buffer): void {
  let [levels, nested, values, names, isText] = [0, 0, 0, 0, false];
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === BYTE.quote) isText = !isText;
    else if (isText && byte === BYTE.backslash) at += 1;
    else if (isText) continue;
    else if (byte === BYTE.comma) values += 1;
    else if (byte === BYTE.colon) names += 1;
    else if (byte === BYTE.list || byte === BYTE.object) {
      levels += 1;
      nested += 1;
    } else if (byte === BYTE.listEnd || byte === BYTE.objectEnd) levels -= 1;
    if (levels > LEVELS_MAX || nested > NESTED_MAX || values > VALUES_MAX || names > NAMES_MAX)
      throw new Failure(
        "BAD_REQUEST",
        "The body holds more values, or deeper ones, than any that fits here.",
      );
  }
}
