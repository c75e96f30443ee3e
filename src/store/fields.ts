/**
 * Records as Redis hashes: a string stands as it is, anything else as JSON, what is undefined not at all.
 * So Lua compares states and adds to counters without decoding.
 */
export function pack(record: Readonly<Record<string, unknown>>): Record<string, string> {
  const present = Object.entries(record).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    present.map(([field, value]) => [field, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

/** The way back: the fields named in `texts` are strings, all others JSON. */
export function unpack(
  hash: Readonly<Record<string, string>>,
  texts: ReadonlySet<string>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(hash).map(([field, value]) => [field, texts.has(field) ? value : JSON.parse(value)]),
  );
}

/** A hash as a Lua script hands it on: field, value, field, value. */
export function hashOf(flat: readonly string[]): Record<string, string> {
  const hash: Record<string, string> = {};
  for (let at = 0; at + 1 < flat.length; at += 2) hash[flat[at] as string] = flat[at + 1] as string;
  return hash;
}
