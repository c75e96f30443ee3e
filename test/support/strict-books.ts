import type { Result } from "./strict-wechat.ts";

type Counts = { total: number; filter: number; sent: number; error: number };

/** A send that was taken in. */
export type Sent = {
  readonly clientmsgid: string;
  readonly digest: string;
  readonly msgId: string;
  readonly touser: readonly string[];
  readonly message: string;
  result: Result;
};

/** What one account's WeChat remembers: who was sent which message how often, and what it told of it. */
export function createBooks() {
  const sends: Sent[] = [];
  const digests = new Map<string, string>();
  const told = new Map<string, { status: string; counts: Counts }>();
  const find = (clientmsgid: string) => sends.find((sent) => sent.clientmsgid === clientmsgid);

  return {
    sends,
    find,
    byMsgId: (msgId: string) => sends.find((sent) => sent.msgId === msgId),
    seen: (clientmsgid: string, digest: string) => digests.set(clientmsgid, digest),
    /** Members and message of a clientmsgid never change, whether it was taken in or not. */
    isOther: (clientmsgid: string, digest: string) => (digests.get(clientmsgid) ?? digest) !== digest,
    take(sent: Sent): Sent {
      digests.set(sent.clientmsgid, sent.digest);
      sends.push(sent);
      return sent;
    },
    /** The first result that was told of a send counts. */
    note: (sent: Sent, result: { status: string; counts: Counts }) => {
      if (!told.has(sent.msgId)) told.set(sent.msgId, result);
    },

    /** How often each person was sent a message that holds this text. */
    received(text: string): Map<string, number> {
      const counts = new Map<string, number>();
      for (const { touser, message } of sends) {
        if (!message.includes(text)) continue;
        for (const person of touser) counts.set(person, (counts.get(person) ?? 0) + 1);
      }
      return counts;
    },

    /** The report's `recipients`, as this server would write them. */
    recipients(text = ""): {
      submitted: number;
      total: number;
      filtered: number;
      sent: number;
      failed: number;
    } {
      const sum = { submitted: 0, total: 0, filtered: 0, sent: 0, failed: 0 };
      for (const send of sends) {
        if (!send.message.includes(text)) continue;
        const counts = told.get(send.msgId)?.counts;
        sum.submitted += send.touser.length;
        sum.total += counts?.total ?? 0;
        sum.filtered += counts ? counts.total - counts.filter : 0;
        sum.sent += counts?.sent ?? 0;
        sum.failed += counts?.error ?? 0;
      }
      return sum;
    },
  };
}
