import type { Fault } from "../redis-proxy.ts";
import type { Behaviour } from "../strict-wechat.ts";

/** One row of the table of fault points: where a process is killed with SIGKILL, and what must follow. */
export type CrashPoint = {
  /** Names the account and the campaign of its test. */
  readonly id: string;
  readonly when: "before" | "after";
  /** States of campaign and batches, and how many calls were begun, at that moment. */
  readonly ledger: string;
  readonly next: string;
  /** Requests of mass/send that reach WeChat, and the report's `sendCalls`. */
  readonly calls: readonly [requests: number, counted: number];
} & Write &
  Circumstances;

type Write = {
  /** A script of ours, BullMQ's or a command, as a proxy tells it; of WeChat's moments its words. */
  readonly write: string;
  /** What it does, in a few words. */
  readonly does: string;
  readonly of?: RegExp;
  readonly nth?: number;
} & Circumstances;

export type Circumstances = {
  /** Killed not at a write, but while WeChat holds back the answer to the first call. */
  readonly holds?: Behaviour;
  /** What the first calls meet. */
  readonly meets?: readonly Behaviour[];
  /** The other batch waits for the first one's result. */
  readonly held?: true;
  /** The first call is answered once the other batch waits for its turn. */
  readonly queued?: true;
  /** Struck only when one batch is done with and the other's result is pushed. */
  readonly last?: true;
  /** Struck only when both batches are accepted; nobody pushes a result, WeChat is asked. */
  readonly polled?: true;
  /** The dead worker had the access token's lease: time passes for that alone. */
  readonly leases?: true;
  /** How the batches end, where they do not both succeed. */
  readonly ends?: { readonly failed: number; readonly needsReview: number };
};

type Told = readonly [
  ledger: string,
  next: string,
  calls: readonly [number, number],
  circumstances?: Circumstances,
];

export function point(id: string, write: Write, when: CrashPoint["when"], told: Told): CrashPoint {
  const [ledger, next, calls, circumstances = {}] = told;
  return { ...write, ...circumstances, id: `${id}-${when}`, when, ledger, next, calls };
}

/** The same write, killed before and after it. */
export function both(id: string, write: Write, before: Told, after: Told): CrashPoint[] {
  return [point(id, write, "before", before), point(id, write, "after", after)];
}

export function faultOf({ id, write, of, nth, when }: CrashPoint): Fault {
  return { write, by: id, of, nth, when };
}

export const titleOf = ({ when, write, does }: CrashPoint) => `${when} ${write}, ${does}`;
