import type { Body } from "./body.ts";
import type { Reply } from "./refusal.ts";
import type { Upload } from "./upload.ts";
import type { AccountWorld } from "./world.ts";

/** One HTTP call of the WeChat API, as far as its handler cares. */
export type Call = {
  readonly query: Readonly<Record<string, string>>;
  readonly body: Body;
  /** What a multipart body held. */
  readonly upload?: Upload | undefined;
};

/** A reply with something to do before it goes out and once it is out. */
export type Answer = { reply: Reply; beforeReply: () => Promise<void>; afterReply: () => void };

/** Answers a call whose token was found good. */
export type Handle = (account: AccountWorld, call: Call) => Reply | Answer;
/** The calls about one thing, by their names. */
export type Room = Readonly<Record<string, Handle>>;

export function toAnswer(given: Reply | Answer): Answer {
  return isAnswer(given) ? given : { reply: given, beforeReply: async () => {}, afterReply: () => {} };
}

function isAnswer(given: Reply | Answer): given is Answer {
  return typeof given.afterReply === "function";
}
