import type { OpenId } from "./openid.ts";

/** Who of these people is left out of a plan. */
export type ExcludedAmong = (openids: readonly OpenId[]) => Promise<ReadonlySet<OpenId>>;

/**
 * Opens what leaves people out of a plan, once a plan: what it knows then it goes on saying, however many
 * shards are asked about. Several sources are one that asks them all.
 */
export type OpenExclusion = (campaign: { readonly account: string }) => Promise<ExcludedAmong>;
