import type { WechatError } from "./answer.ts";
import type { Wait } from "./errcode-entry.ts";

/** What became of a call that may be made again without harm: anything but a send. */
export type ApiReply<Value> =
  | { readonly kind: "done"; readonly value: Value }
  /** The request may have reached WeChat; its answer was lost or makes no sense. */
  | { readonly kind: "unclear"; readonly error: WechatError }
  | { readonly kind: "never-left"; readonly error: WechatError }
  | { readonly kind: "not-now"; readonly wait: Wait; readonly error: WechatError }
  | { readonly kind: "refused"; readonly error: WechatError };
