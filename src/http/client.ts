import { isIP } from "node:net";
import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context } from "hono";
import ipaddr from "ipaddr.js";

/** Who asks, as far as the connection and proxies that we trust can tell. */
export type Client = {
  /** An IP address; of IPv6 its network of 64 bits, for one household or server has all of that. */
  readonly address: string;
  /** Whether the person's own connection is encrypted. */
  readonly isHttps: boolean;
  /** The host and port that the person's browser names. */
  readonly host: string;
};

export type ClientOf = (c: Context) => Client;

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/**
 * Reads `X-Forwarded-For`, `-Proto` and `-Host` of connections from these addresses or networks, and of no others: anybody
 * can write them. Of several proxies the right-most address that is none of them counts, as each adds the one that
 * it sees.
 */
export function createClientOf(trustedProxies: readonly string[]): ClientOf {
  const networks = trustedProxies.map(networkIn);
  const isTrusted = (address: Address) =>
    networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));

  return (c) => {
    const peer = addressIn(getConnInfo(c).remote.address ?? "");
    const host = c.req.header("host") ?? "";
    if (!peer || !isTrusted(peer)) return { address: shown(peer), isHttps: false, host };

    let client = peer;
    for (const hop of (c.req.header("x-forwarded-for") ?? "").split(",").reverse()) {
      const address = addressIn(hop.trim());
      if (!address || !isTrusted(client)) break;
      client = address;
    }
    const first = (name: string) => c.req.header(name)?.split(",")[0]?.trim();
    return {
      address: shown(client),
      isHttps: first("x-forwarded-proto")?.toLowerCase() === "https",
      host: first("x-forwarded-host") || host,
    };
  };
}

function networkIn(text: string): [Address, number] {
  const [address = "", bits] = text.split("/");
  const network = ipaddr.parse(address);
  return [network, bits === undefined ? network.toByteArray().length * 8 : Number(bits)];
}

/** Some proxies add the port. IPv4 written as IPv6 is IPv4. */
function addressIn(text: string): Address | undefined {
  const [, inBrackets, beforePort] = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/.exec(text) ?? [];
  const address = inBrackets ?? beforePort ?? text;
  return isIP(address) === 0 ? undefined : ipaddr.process(address);
}

function shown(address: Address | undefined): string {
  if (!address) return "unknown";
  if (address.kind() === "ipv4") return address.toString();
  const network = (address as ipaddr.IPv6).parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(":")}::/64`;
}
