import type { Context } from "hono";
import { Failure } from "../failure.ts";

const address = String.raw`localhost|127(?:\.\d{1,3}){3}|\[::1\]`;
const loopbackHost = new RegExp(`^(?:${address})(?::\\d{1,5})?$`, "i");
const loopbackListener = new RegExp(`^(?:${address}|::1)$`, "i");

/**
 * The rule for whatever is open without key or password (CONTRACT section 2). Listening on loopback is not
 * enough: a proxy on this machine brings the world's requests, and a page in a browser on this machine
 * sends its own, by DNS rebinding even under our name.
 *
 * @throws Failure FORBIDDEN
 */
export function refuseForeign(c: Context, listener: string): void {
  const foreign = foreignSign(c.req.header(), listener);
  if (foreign)
    throw new Failure("FORBIDDEN", `Without a key or password this is served on loopback only: ${foreign}.`);
}

function foreignSign(headers: Readonly<Record<string, string>>, listener: string): string | undefined {
  if (!loopbackListener.test(listener)) return "the server listens on other addresses too";
  if (Object.keys(headers).some((name) => name === "forwarded" || name.startsWith("x-forwarded-")))
    return "the request came through a proxy";
  const { host = "", origin, "sec-fetch-site": site } = headers;
  if (!loopbackHost.test(host)) return "the request names another host";
  // `none` is a person who typed the address. Another port of this machine is another program: refused too.
  if (origin !== undefined && origin.toLowerCase() !== `http://${host}`.toLowerCase())
    return "the request comes from a page of another origin";
  if (site !== undefined && site !== "same-origin" && site !== "none")
    return "the request comes from a page of another site";
  return undefined;
}
