import type { Account } from "./campaign/account.ts";
import { Failure } from "./failure.ts";
import { cameBack, type ForwardFailure, openForward } from "./fetch/forward.ts";
import type { Callbacks } from "./http/callback.ts";
import type { Logger } from "./log.ts";
import type { Opened } from "./opening.ts";
import { createCallbackReader } from "./wechat/callback.ts";
import { isMassResult, type WechatEvent } from "./wechat/events.ts";

type Parts = {
  readonly accounts: ReadonlyMap<string, Account>;
  readonly deliver: (account: string, event: WechatEvent) => Promise<void>;
  readonly counters: {
    readonly store: (account: string, kind: string) => void;
    readonly refuse: (account: string, code: string) => void;
    readonly failForward: (account: string, why: ForwardFailure) => void;
  };
  readonly log: Logger;
};

/** What the callbacks of all accounts need: their keys, the ledger, and the handlers that they are passed on to. */
export function openCallbacks(
  { accounts, deliver, counters, log }: Parts,
  opened: Opened,
): Callbacks<WechatEvent> {
  const readers = new Map([...accounts].map(([id, account]) => [id, createCallbackReader(account)]));
  const readerOf = (account: string) => {
    const reader = readers.get(account);
    if (!reader) throw new Failure("NOT_FOUND", "There is no such account.");
    return reader;
  };
  const forward = openForward({ log, onFailure: counters.failForward });
  opened.push(forward.close);

  return {
    isAccount: (account) => readers.has(account),
    verifyCallback: (account, query) => readerOf(account).verify(query),
    readCallback: (account, query, body) => readerOf(account).read(query, body),
    onRefuse: counters.refuse,
    async deliver(account, event) {
      await deliver(account, event);
      counters.store(account, event.kind);
    },
    async passOn(account, event, request, signal) {
      const to = accounts.get(account)?.forwardTo;
      if (to === undefined) return undefined;
      if (cameBack(request)) {
        log.warn({ account }, "forwardTo leads back to qunfa: a callback was not passed on again");
        return undefined;
      }
      if (!isMassResult(event)) return forward.ask(account, to, request, signal);
      forward.later(account, to, request);
      return undefined;
    },
  };
}
