import { faultOf, type ListId } from "../src/campaign/list.ts";
import { Failure } from "../src/failure.ts";
import { DO_NOT_SEND_SHARDS, type DoNotSend } from "../src/store/do-not-send.ts";
import type { Lists } from "../src/store/lists.ts";
import { eachShard } from "./each-shard.ts";

type Parts = {
  readonly doNotSend: Pick<DoNotSend, "add">;
  readonly lists: Pick<Lists, "find" | "read">;
};

/**
 * Puts everybody of a stored list on an account's do-not-send list, shard by shard: a million in some seconds. What a
 * crash leaves undone its repeat does.
 *
 * @throws Failure INVALID_PARAMETER for a list that is not there, not ready, or another account's
 */
export function createAddList({ doNotSend, lists }: Parts) {
  return async (account: string, id: ListId) => {
    const list = await lists.find(id);
    const fault =
      faultOf(list, account) ?? (list?.state === "reading" ? "the list is still being read" : undefined);
    if (!list || fault !== undefined)
      throw new Failure("INVALID_PARAMETER", `audienceId: ${fault}`, {
        details: { errors: [{ path: "audienceId", message: fault }] },
      });
    let added = 0;
    const { received, invalid } = list;
    await eachShard(
      { shards: DO_NOT_SEND_SHARDS, received, lines: () => lists.read(list) },
      () => true,
      async (_shard, { peopleOf }) => {
        added += await doNotSend.add(account, peopleOf());
        return true;
      },
    );
    return { received, invalid, added };
  };
}
