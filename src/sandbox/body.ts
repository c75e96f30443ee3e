/** A JSON object as it came, or the code that WeChat has for what came instead. */
export type Body =
  | { ok: true; value: Readonly<Record<string, unknown>>; text: string }
  | { ok: false; errcode: number };

/** WeChat wants raw UTF-8: an escape of a character outside ASCII is refused (WECHAT.md, transport rules). */
export function readBody(bytes: Uint8Array): Body {
  if (bytes.length === 0) return { ok: false, errcode: 44002 };
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { ok: false, errcode: 40033 };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, errcode: 47001 };
  }
  if (escapesText(text)) return { ok: false, errcode: 40033 };
  return isObject(value) ? { ok: true, value, text } : { ok: false, errcode: 47001 };
}

/** An id from the text itself: `JSON.parse` would round one above 2^53. Taken as number or string. */
export function readId(text: string, name: string): bigint | undefined {
  const digits = new RegExp(`"${name}"\\s*:\\s*"?(\\d{1,20})"?\\s*[,}]`).exec(text)?.[1];
  return digits === undefined ? undefined : BigInt(digits);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function escapesText(text: string): boolean {
  // Pairs of backslashes are consumed first, so that an escaped backslash before a "u" is no escape of it.
  for (const [, digits] of text.matchAll(/\\(?:u([0-9a-fA-F]{4})|.)/g)) {
    if (digits !== undefined && Number.parseInt(digits, 16) > 0x7f) return true;
  }
  return false;
}
