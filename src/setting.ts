import { BlockList, isIP } from "node:net";
import { z } from "zod";

/**
 * What one environment variable may hold, from its text to its value. A message says what was expected
 * and never repeats the text: it may be a secret.
 */
function setting<T>(expected: string, read: (text: string) => T | undefined) {
  return z.string({ error: `is not set; expected ${expected}` }).transform((text, context): T => {
    const value = read(text);
    if (value !== undefined) return value;
    context.addIssue({ code: "custom", message: `expected ${expected}` });
    return z.NEVER;
  });
}

/** Commas between, spaces around; undefined when one of them does not fit. */
function readList<T>(text: string, read: (item: string) => T | undefined): readonly T[] | undefined {
  const items = text.split(",").map((item) => read(item.trim()));
  return items.every((item) => item !== undefined) ? (items as T[]) : undefined;
}

function readWhole(text: string, least: number, most: number): number | undefined {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}

function readUrl(text: string, ...protocols: string[]): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.hostname && protocols.includes(url.protocol) ? url : undefined;
}

export const text = setting("some text", (value) => value);

export function whole(least: number, most: number) {
  return setting(`a whole number from ${least} to ${most}`, (value) => readWhole(value, least, most));
}

export const port = whole(0, 65_535);

const tenYearsMs = 315_360_000_000;

export function milliseconds({ least = 100, most = tenYearsMs } = {}) {
  return setting(`whole milliseconds from ${least} to ${most}`, (value) => readWhole(value, least, most));
}

export const millisecondsList = setting(
  "whole milliseconds, 100 or more each, separated by commas",
  (value) => readList(value, (item) => readWhole(item, 100, tenYearsMs)),
);

/** One address with its database, or several of a cluster, which has none. */
export const redisUrls = setting(
  "redis://host:port or rediss://…, behind it /1 for database 1; several redis://host:port, separated by commas",
  (value) => {
    const isCluster = value.includes(",");
    const protocols = isCluster ? ["redis:"] : ["redis:", "rediss:"];
    const path = isCluster ? /^\/?$/ : /^(\/\d{0,6})?$/;
    return readList(value, (item) => {
      const url = readUrl(item, ...protocols);
      return url && path.test(url.pathname) ? item : undefined;
    });
  },
);

export const host = setting("a host name or address", (value) =>
  /^[\w.:-]+$/.test(value) ? value : undefined,
);

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8);
loopback.addAddress("::1", "ipv6");

/** Whether only this machine reaches a server that listens there. */
export function isLoopback(address: string): boolean {
  const family = isIP(address);
  return family === 0
    ? address.toLowerCase() === "localhost"
    : loopback.check(address, family === 4 ? "ipv4" : "ipv6");
}

export const Scope = z.enum(["read", "send", "admin"]);
export type Scope = z.infer<typeof Scope>;
export type ApiKey = { readonly name: string; readonly key: string; readonly scopes: readonly Scope[] };

/** A name and a key are each there once. */
export const apiKeys = setting(
  "name:key or name:key:read+send+admin, separated by commas, none twice",
  (value) => {
    const keys = readList(value, readApiKey);
    if (!keys) return undefined;
    const isUnique = (field: "name" | "key") => new Set(keys.map((key) => key[field])).size === keys.length;
    return isUnique("name") && isUnique("key") ? keys : undefined;
  },
);

function readApiKey(value: string): ApiKey | undefined {
  const [name, key, scopes = Scope.options.join("+"), ...rest] = value.split(":");
  if (!name || !key || /\s/.test(name + key) || rest.length > 0) return undefined;
  const parsed = z.array(Scope).safeParse(scopes.split("+"));
  return parsed.success ? { name, key, scopes: [...new Set(parsed.data)] } : undefined;
}

const secretExpected =
  "whsec_ and 24 to 64 bytes in base64, or 24 or more printable ASCII characters; several, separated by commas or spaces";

/** Each signs (Standard Webhooks), so that one can be given up while its successor is known already. */
export const webhookSecrets = setting(secretExpected, (value) => {
  const secrets = value
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(readWebhookSecret);
  const isWhole = secrets.length > 0 && secrets.every((secret) => secret !== undefined);
  return isWhole ? (secrets as WebhookSecret[]) : undefined;
});

type WebhookSecret = { readonly secret: string; readonly format: "base64" | "raw" };

function readWebhookSecret(secret: string): WebhookSecret | undefined {
  if (!secret.startsWith("whsec_"))
    return /^[\x21-\x7e]{24,}$/.test(secret) ? { secret, format: "raw" } : undefined;
  const coded = secret.slice("whsec_".length);
  const bytes = Buffer.from(coded, "base64");
  const isBase64 = bytes.toString("base64") === coded;
  return isBase64 && bytes.length >= 24 && bytes.length <= 64 ? { secret, format: "base64" } : undefined;
}

export const hosts = setting("host or host:port, separated by commas", (value) =>
  readList(value.toLowerCase(), (item) =>
    /^(\[[0-9a-f:.]+\]|[\w.-]+)(:\d{1,5})?$/.test(item) ? item : undefined,
  ),
);

export const networks = setting("addresses or networks such as 10.0.0.0/8, separated by commas", (value) =>
  readList(value, (item) => {
    const [address = "", bits, ...rest] = item.split("/");
    const family = isIP(address);
    if (family === 0 || rest.length > 0) return undefined;
    const fits = bits === undefined || readWhole(bits, 0, family === 4 ? 32 : 128) !== undefined;
    return fits ? item : undefined;
  }),
);

/** How the server's own paths begin: a base path that begins so could not be told from them. */
export const OWN_PATHS: readonly string[] = [
  ...["v1", "wechat", "docs", "openapi.json", "healthz", "readyz", "metrics"],
  ...["queues", "campaigns", "login", "logout", "assets"],
];

/** `/` and nothing are the same: no path. */
export const basePath = setting("a path such as /qunfa, unlike any of the server's own", (value) => {
  const steps = value.replace(/\/$/, "").split("/").slice(1);
  const isPath = /^(\/[\w.~-]+)*\/?$/.test(value) && steps.every((step) => !/^\.+$/.test(step));
  return isPath && !OWN_PATHS.includes(steps[0] ?? "") ? steps.map((step) => `/${step}`).join("") : undefined;
});

/** As other programs read HTTPS_PROXY: `host:port` means http. */
export const proxy = setting(
  "http://host:port",
  (value) => readUrl(value.includes("://") ? value : `http://${value}`, "http:", "https:")?.href,
);

/** NO_PROXY is other programs' too, and they disagree on what fits: taken as it is. */
export const noProxy = setting("host names, separated by commas", (value) =>
  value.split(/[\s,]+/).filter(Boolean),
);
