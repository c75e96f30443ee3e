import { Failure } from "../failure.ts";
import { readBody } from "./body.ts";

/** CONTRACT section 5: a body is `application/json`, at most 16 MB. */
const JSON_LIMIT_BYTES = 16 * 1024 * 1024;

/**
 * The JSON value in a request's body, whatever it is: its schema is the caller's to check. No failure
 * repeats a word of the body, for it may hold OpenIDs.
 *
 * @throws Failure UNSUPPORTED_MEDIA_TYPE unless the body says that it is plain `application/json` (parameters
 *   such as a charset may follow), TOO_LARGE, BAD_REQUEST when it is no JSON in UTF-8
 */
export async function readJson(request: Request, limitBytes = JSON_LIMIT_BYTES): Promise<unknown> {
  if (!/^\s*application\/json\s*(;|$)/i.test(request.headers.get("content-type") ?? ""))
    throw new Failure("UNSUPPORTED_MEDIA_TYPE", "Send the body as Content-Type: application/json.");
  if (!/^\s*(identity\s*)?$/i.test(request.headers.get("content-encoding") ?? ""))
    throw new Failure("UNSUPPORTED_MEDIA_TYPE", "Send the body without a Content-Encoding.");

  const body = await readBody(request, limitBytes);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    // Not handed on as the cause: V8 quotes the text that it could not read.
    throw new Failure("BAD_REQUEST", "The body is no JSON in UTF-8.");
  }
}
