import { faultOf, type ListId } from "../src/campaign/list.ts";
import type { OpenId } from "../src/campaign/openid.ts";
import { Failure } from "../src/failure.ts";
import type { DoNotSend } from "../src/store/do-not-send.ts";
import type { Lists } from "../src/store/lists.ts";

type Parts = {
  readonly doNotSend: Pick<DoNotSend, "add">;
  readonly lists: Pick<Lists, "find" | "read">;
};

/**
 * Puts everybody of a stored list on an account's do-not-send list, a chunk at a time: what a crash leaves undone its
 * repeat does.
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
    for await (const lines of lists.read(list))
      added += await doNotSend.add(account, lines.toString("latin1").split("\n") as OpenId[]);
    return { received: list.received, invalid: list.invalid, added };
  };
}
