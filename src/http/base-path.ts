import { getPath } from "hono/utils/url";

/**
 * Addresses behind a proxy that serves qunfa under a path of its own (QUNFA_BASE_PATH, such as `/qunfa`; empty
 * without one). The proxy may pass that path on or take it off: routes see it neither way, and every address that
 * goes out carries it.
 */
export function createBasePath(basePath: string) {
  const inside = (path: string) => {
    if (basePath === "" || !path.startsWith(basePath)) return path;
    const rest = path.slice(basePath.length);
    return rest === "" ? "/" : rest.startsWith("/") ? rest : path;
  };
  return {
    /** The path that routes are compared with. */
    getPath: (request: Request): string => inside(getPath(request)),

    /** Path and query as they were asked for, without the base path. */
    addressOf({ url }: Request): string {
      const { pathname, search } = new URL(url);
      return inside(pathname) + search;
    },

    /** Puts the base path into an answer's `Location`: handlers name paths without it. */
    locate(response: Response): void {
      const location = response.headers.get("Location");
      if (basePath !== "" && location?.startsWith("/")) response.headers.set("Location", basePath + location);
    },
  };
}
