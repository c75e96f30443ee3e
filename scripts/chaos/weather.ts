import type { Draw } from "../../src/sandbox/random.ts";

/** A fault as the sandbox takes it (docs/sandbox.md). */
export type ChaosFault = Readonly<Record<string, string | number | boolean>>;

/**
 * What WeChat does wrong, and in how many of the cards of one deck. Nothing in it stops an account for the
 * day: everything must be able to end in the calm.
 */
const kinds: readonly (readonly [number, (draw: Draw) => ChaosFault])[] = [
  // The answer, of a call that took effect or did not.
  [4, () => ({ fault: "answer-lost" })],
  [3, () => ({ fault: "reset" })],
  [2, () => ({ fault: "errcode", errcode: -1 })],
  [3, () => ({ fault: "errcode", errcode: -1, accepted: true })],
  [1, () => ({ fault: "errcode", errcode: 45066 })],
  [2, () => ({ fault: "errcode", errcode: 45065, accepted: true })],
  [1, () => ({ fault: "http-502" })],
  [2, () => ({ fault: "http-502", accepted: true })],
  [1, () => ({ fault: "html" })],
  [2, () => ({ fault: "html", accepted: true })],
  [3, (draw) => ({ fault: "delay", ms: draw([200, 2_500]) })],
  [2, (draw) => ({ fault: "delay", ms: draw([3_500, 6_000]) })],
  [2, () => ({ fault: "token-invalid" })],
  // A clear no: to one message, and to the account, which waits for a person.
  [1, () => ({ fault: "errcode", errcode: 40008 })],
  [1, () => ({ fault: "errcode", errcode: 48001 })],
  // The job and the news of its end.
  [5, () => ({ fault: "no-callback" })],
  [4, (draw) => ({ fault: "double-callback", copies: draw([2, 4]) })],
  [4, () => ({ fault: "callback-before-reply" })],
  [4, (draw) => ({ fault: "callback-after", ms: draw([0, 5_000]) })],
  [3, () => ({ fault: "padded-callback" })],
  [2, () => ({ fault: "bare-callback" })],
  [2, (draw) => ({ fault: "stuck", ms: draw([2_000, 6_000]) })],
  [1, () => ({ fault: "deleted" })],
  [1, () => ({ fault: "err", err: 20001 })],
  [1, () => ({ fault: "send-fail" })],
  // The other calls.
  [1, () => ({ api: "mass/get", fault: "http-502" })],
  [1, () => ({ api: "mass/get", fault: "reset" })],
  [1, () => ({ api: "mass/get", fault: "errcode", errcode: -1 })],
  [1, () => ({ api: "stable_token", fault: "answer-lost" })],
  [1, () => ({ api: "stable_token", fault: "html" })],
  [1, () => ({ api: "user/get", fault: "errcode", errcode: -1 })],
];

/** So many faults, dealt from shuffled decks: each kind comes before the first deck is used up. */
export function drawFaults(draw: Draw, accounts: readonly string[], count: number): ChaosFault[] {
  const faults: ChaosFault[] = [];
  let deck: ((draw: Draw) => ChaosFault)[] = [];
  while (faults.length < count) {
    if (deck.length === 0) deck = kinds.flatMap(([cards, kind]) => Array.from({ length: cards }, () => kind));
    const [kind] = deck.splice(draw([0, deck.length - 1]), 1);
    const account = accounts[draw([0, accounts.length - 1])] ?? "";
    if (kind) faults.push({ account, ...kind(draw) });
  }
  return faults;
}
