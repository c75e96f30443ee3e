import type { Context } from "hono";
import { Failure } from "../failure.ts";
import type { Client } from "../http/client.ts";

/**
 * Lets a form through only from a page of our own: a browser says of every form where it comes from, which the page
 * itself can't change. What says nothing is no browser, and carries nobody's cookie without knowing it.
 *
 * @throws Failure FORBIDDEN
 */
export function refuseForeignForm(c: Context, { host }: Client): void {
  const site = c.req.header("sec-fetch-site");
  const origin = c.req.header("origin");
  const isOwn = site === undefined ? origin === undefined || isOf(origin, host) : site === "same-origin";
  if (!isOwn) throw new Failure("FORBIDDEN", "This form was sent from a page of another site.");
}

function isOf(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}
