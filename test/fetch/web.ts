import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createPlain, type RequestListener, type Server } from "node:http";
import { createServer as createSecure } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";
import { Failure } from "../../src/failure.ts";
import { openFetch } from "../../src/fetch/fetch.ts";

export const pem = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url));

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

export const failureOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(error instanceof Failure)) throw new Error(`no Failure: ${error}`);
  return error;
};

export type Web = { readonly url: string; readonly host: string; readonly seen: string[] };

async function listen(server: Server, scheme: string, seen: string[]): Promise<Web> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: `${scheme}://${host}`, host, seen };
}

const noting =
  (seen: string[], listener: RequestListener): RequestListener =>
  (request, response) => {
    seen.push(request.url ?? "");
    listener(request, response);
  };

/** A server that speaks TLS with a certificate for localhost and 127.0.0.1; `seen` are the paths asked for. */
export function serveTls(listener: RequestListener, name = ""): Promise<Web> {
  const seen: string[] = [];
  const tls = { cert: pem(name || "cert"), key: pem("key") };
  return listen(createSecure(tls, noting(seen, listener)) as unknown as Server, "https", seen);
}

export function servePlain(listener: RequestListener): Promise<Web> {
  const seen: string[] = [];
  return listen(createPlain(noting(seen, listener)), "http", seen);
}

/** A fetch that trusts the certificates of `test/fixtures/tls`, with limits of a test's own. */
export function fetcher(
  allowPrivate: readonly string[],
  { limitBytes = 1_000, timeoutMs = 5_000, ...rest }: Partial<FetcherSettings> = {},
) {
  const { fetchUrl, close } = openFetch({ allowPrivate, ca: pem("cert"), ...rest });
  closers.push(close);
  return (url: string, most = limitBytes) => fetchUrl(url, { limitBytes: most, timeoutMs });
}

type FetcherSettings = Omit<Parameters<typeof openFetch>[0], "allowPrivate"> & {
  limitBytes: number;
  timeoutMs: number;
};
