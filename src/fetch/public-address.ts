import type { LookupAddress, LookupOptions } from "node:dns";
import { lookup as systemLookup } from "node:dns/promises";
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { Failure } from "../failure.ts";

/** All addresses of a name. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/**
 * Resolves names as the system does, one at a time, and a name that is asked for twice at once. A look-up holds one of
 * the few threads that Node has for them until the system gives up: name servers of strangers that do not answer must
 * not take those that calls to WeChat need.
 */
export function createResolve(
  lookup: Resolve = (hostname) => systemLookup(hostname, { all: true }),
): Resolve {
  const underWay = new Map<string, ReturnType<Resolve>>();
  let last: Promise<unknown> = Promise.resolve();
  return (hostname) => {
    const known = underWay.get(hostname);
    if (known !== undefined) return known;
    const found = last.then(() => lookup(hostname)).finally(() => underWay.delete(hostname));
    underWay.set(hostname, found);
    last = found.catch(() => {});
    return found;
  };
}

/** Where the registries hand out IPv6 addresses of the public net; nothing outside is reached through it. */
const globalUnicast = ipaddr.parseCIDR("2000::/3") as [ipaddr.IPv6, number];

/**
 * Whether an address belongs to the public net. An allow-list: what `ipaddr.js` knows as any special range
 * (private, loopback, link-local, shared, benchmarking, documentation, multicast, reserved, …) is not public,
 * and neither is what only wraps another address: 6to4, Teredo, NAT64. IPv4 written as IPv6 is judged as IPv4.
 */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== "unicast") return false;
  return parsed.kind() === "ipv4" || (parsed as ipaddr.IPv6).match(globalUnicast);
}

/** What `net.connect` calls its `lookup` back with. */
type Found = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/**
 * The `lookup` of a connection: looks the name up once, checks every address, and hands those very addresses to
 * the connection. So a name that leads elsewhere the next time gains nothing (DNS rebinding). One address that
 * is not public spoils the name.
 */
export function createPublicLookup(resolve: Resolve) {
  return (hostname: string, options: LookupOptions, found: Found): void => {
    resolvePublic(resolve, hostname).then(
      (all) => {
        const [first] = all;
        if (options.all) found(null, [...all]);
        else found(null, first?.address ?? "", first?.family);
      },
      (error: Error) => found(error, ""),
    );
  };
}

async function resolvePublic(resolve: Resolve, hostname: string): Promise<readonly LookupAddress[]> {
  const all = await resolve(hostname);
  if (all.length === 0) throw new Error("the name has no address");
  if (all.every(({ address }) => isPublicAddress(address))) return all;
  throw new Failure("FETCH_REFUSED", "its name leads to an address that is not public");
}
