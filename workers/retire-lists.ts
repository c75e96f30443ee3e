import type { Clock } from "../src/clock.ts";
import type { Logger } from "../src/log.ts";
import type { Lists } from "../src/store/lists.ts";
import type { ForgetList } from "./forget-list.ts";

type Parts = {
  readonly lists: Pick<Lists, "createdBefore">;
  readonly forgetList: ForgetList;
  readonly retentionMs: number;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Lists that are looked at in one run. */
const SLICE = 100;

/**
 * Removes stored lists that nobody has used for so long. A run looks at a slice of them, oldest first; the
 * reconciler's job comes again.
 */
export function createRetireLists({ lists, forgetList, retentionMs, clock, log }: Parts) {
  /** How many of the oldest have been looked at without being removed. */
  let offset = 0;

  return async (): Promise<number> => {
    const until = clock.now() - retentionMs;
    const slice = await lists.createdBefore(until, offset, SLICE);
    let gone = 0;
    for (const id of slice) {
      const word = await forgetList(id, until);
      if (word === "removed") log.info({ list: id }, "A list past its retention was removed");
      if (word === "removed" || word === "gone") gone += 1;
    }
    offset = slice.length < SLICE ? 0 : offset + slice.length - gone;
    return gone;
  };
}
