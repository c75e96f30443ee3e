import { type Outcome, outcomes } from "./followers.ts";

export type Counts = { total: number; filter: number; sent: number; error: number };

/** One accepted mass message. */
export type Job = {
  readonly msgId: bigint;
  /** Of articles: what their links, their statistics and a second send of the same go by. */
  readonly msgDataId: number | undefined;
  readonly api: "mass/send" | "mass/sendall";
  readonly toAll: boolean;
  readonly clientmsgid: string | undefined;
  readonly msgtype: string;
  /** How its text begins: by this a reader of the books tells one message from another. */
  readonly text: string | undefined;
  /** The media id that it was made of, of several the first. */
  readonly material: string | undefined;
  /** How many articles it has; 0 of what is no article. */
  readonly articles: number;
  readonly deletedArticles: Set<number>;
  /** How many entries its list had. */
  readonly size: number;
  readonly acceptedAt: number;
  counts: Counts;
  duplicates: number;
  /** Forgotten, oldest first, when the books grow too big. */
  recipients: Recipients | undefined;
  status: "SENDING" | "SEND_SUCCESS" | "SEND_FAIL" | "DELETE";
  /** The Status of the callback. */
  result: string | undefined;
  endedAt: number | undefined;
  callbacks: { at: number; answer: string }[];
};

export type Recipients = ReturnType<typeof packRecipients>;

// 28 characters of base64url are exactly 21 bytes.
const packedSize = 21;

/** A list of people and what became of each, in 22 bytes a person. */
export function packRecipients(openids: readonly string[], what: readonly Outcome[]) {
  const packed = Buffer.from(openids.join(""), "base64url");
  const codes = Uint8Array.from(what, (outcome) => outcomes.indexOf(outcome));
  return {
    size: openids.length,
    *openids(): Generator<string> {
      for (let at = 0; at < packed.length; at += packedSize) {
        yield packed.toString("base64url", at, at + packedSize);
      }
    },
    /** Everybody in the order of the list, with what became of each. */
    *entries(): Generator<{ openid: string; outcome: Outcome }> {
      let at = 0;
      for (const openid of this.openids()) yield { openid, outcome: outcomes[codes[at++] ?? 0] ?? "sent" };
    },
    /** What became of one person: as often as the list names them. */
    outcomesOf(openid: string): Outcome[] {
      const wanted = Buffer.from(openid, "base64url");
      const found: Outcome[] = [];
      for (let at = packed.indexOf(wanted); at >= 0; at = packed.indexOf(wanted, at + 1)) {
        if (at % packedSize === 0) found.push(outcomes[codes[at / packedSize] ?? 0] ?? "sent");
      }
      return found;
    },
  };
}

/**
 * The counts as the callback words them: FilterCount is who was left after filtering (WECHAT.md section 6.3).
 * A job that was stopped before anybody's turn, by the audit say, has counted nobody.
 */
export function count(what: readonly Outcome[]): Counts {
  const [sent, error] = [howMany(what, "sent"), howMany(what, "failed")];
  return { total: what.length - howMany(what, "stopped"), filter: sent + error, sent, error };
}

export function howMany(what: readonly Outcome[], wanted: Outcome): number {
  return what.filter((outcome) => outcome === wanted).length;
}
