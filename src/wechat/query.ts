/** The query of an address, question mark included; nothing for no fields. */
export function querySuffix(fields: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(fields).map((field) => field.map(encodeURIComponent).join("="));
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}
