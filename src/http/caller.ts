import type { Context } from "hono";

/** Who made a request: the name of an API key, `admin` for the person who is logged in, `local` on an open loopback. */
export function callerOf(c: Context): string {
  const caller: unknown = c.get("caller");
  return typeof caller === "string" ? caller : "local";
}

export function noteCaller(c: Context, name: string): void {
  c.set("caller", name);
}
