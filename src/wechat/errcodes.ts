import type { Errcode, ErrcodeTable } from "./errcode-entry.ts";
import { generalErrcodes } from "./errcodes-general.ts";
import { massErrcodes } from "./errcodes-mass.ts";
import { materialErrcodes } from "./errcodes-material.ts";
import { otherErrcodes } from "./errcodes-other.ts";

/**
 * The one table of WeChat's error codes and what each asks of qunfa: WECHAT.md sections 1.3 and 4, a file
 * for each part. A code that stands in several parts of WECHAT.md stands here once.
 */
export const errcodes: ErrcodeTable = {
  ...generalErrcodes,
  ...massErrcodes,
  ...materialErrcodes,
  ...otherErrcodes,
};

/** Every code has an entry: one that WECHAT.md does not list is `unlisted`. */
export function errcodeOf(code: number): Errcode {
  return errcodes[code] ?? { action: "unlisted", meaning: "An errcode that WECHAT.md does not list" };
}
