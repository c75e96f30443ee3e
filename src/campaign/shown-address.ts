/**
 * An address as messages and logs may show it: without its query, fragment and password, for signed
 * addresses carry their secret there. What is no address is shown as such, never its text.
 */
export function shownAddress(address: string | URL): string {
  if (!URL.canParse(String(address))) return "(no address)";
  const { protocol, host, pathname, search } = new URL(address);
  const path = pathname.length > 200 ? `${pathname.slice(0, 200)}…` : pathname;
  return `${protocol}//${host}${path}${search === "" ? "" : "?…"}`;
}
