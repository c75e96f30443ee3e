const LONGEST = 2_000;
const BASE = "http://qunfa.invalid";

/**
 * Path and query of this server, as an address to go on to; `/` for anything that a browser would take for another
 * server's, such as `//host`, `/\host` or one with a tab in it.
 */
export function localPath(text: string | undefined): string {
  if (!text?.startsWith("/") || text.length > LONGEST || !URL.canParse(text, BASE)) return "/";
  const { origin, pathname, search } = new URL(text, BASE);
  return origin === BASE && !pathname.startsWith("//") ? pathname + search : "/";
}
