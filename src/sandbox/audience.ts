import { isObject } from "./body.ts";
import type { AccountWorld } from "./world.ts";

/** Whom a sendall is for. */
export type Audience = { toAll: boolean; openids: readonly string[]; tag: number | undefined };

/**
 * The `filter` of mass/sendall (WECHAT.md section 2.2), or the code to refuse it with. `tag_id` is a number or
 * one as a string; `group_id` is its older name. A wrong type gets 40008, as accounts have reported.
 */
export function readAudience(filter: unknown, { followers, tags }: AccountWorld): Audience | number {
  if (!isObject(filter)) return 40008;
  const { is_to_all: toAll = false, tag_id: tag = filter.group_id } = filter;
  if (typeof toAll !== "boolean") return 40008;
  if (toAll) return { toAll, openids: followers.openids, tag: undefined };
  if (tag === undefined) return 40152;
  const isNumeric = typeof tag === "number" || (typeof tag === "string" && /^\d+$/.test(tag));
  if (!isNumeric) return 40008;
  const found = tags.find(Number(tag));
  if (found === undefined) return 40152;
  return { toAll, openids: [...found.members.keys()], tag: found.id };
}
