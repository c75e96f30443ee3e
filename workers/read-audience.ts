import type { Trouble } from "../src/campaign/batch.ts";
import type { ListId, StoredList } from "../src/campaign/list.ts";
import { segmentOf } from "../src/campaign/reading.ts";
import type { Segment } from "../src/campaign/segment.ts";
import type { Clock } from "../src/clock.ts";
import { Failure } from "../src/failure.ts";
import type { Logger } from "../src/log.ts";
import type { Queues } from "../src/queues/queues.ts";
import type { Wish } from "../src/queues/worker.ts";
import type { Lists } from "../src/store/lists.ts";
import type { Readings } from "../src/store/readings.ts";
import type { WechatError } from "../src/wechat/answer.ts";
import type { Followers } from "../src/wechat/followers.ts";
import type { Tags } from "../src/wechat/tags.ts";
import { againMs, createReadMembers } from "./gather.ts";
import { troubleOf } from "./trouble.ts";

type Parts = {
  readonly lists: Pick<Lists, "find" | "pins">;
  readonly readings: Readings;
  readonly wechatOf: (account: string) => {
    readonly followers: Pick<Followers, "page" | "tagPage">;
    readonly tags: Pick<Tags, "list">;
  };
  readonly remedyOf: (errcode: number) => string | undefined;
  readonly queues: Pick<Queues, "wakeCampaign">;
  readonly clock: Clock;
  readonly log: Logger;
};

/** A list of which no page has come for so long is given up: a day's quota of pages may be waited for. */
const GIVE_UP_MS = 48 * 3_600_000;
const TRIES_MAX = 1_000;

type Stuck = { readonly trouble: Trouble; readonly forGood: boolean };

/**
 * Reads followers into a stored list, page by page (WECHAT.md section 7), until all are there, WeChat refuses, or
 * somebody removes the list. May run any number of times, in any number of processes.
 */
export function createReadAudience(parts: Parts) {
  const { lists, readings, wechatOf, remedyOf, queues, clock, log } = parts;
  const readMembers = createReadMembers<{ account: string; id: ListId }>({ gathering: readings, wechatOf });
  /** How often a list has met trouble in a row. */
  const tries = new Map<ListId, number>();

  return async (id: ListId): Promise<Wish<{ received: number }>> => {
    const list = await lists.find(id);
    if (list?.state !== "reading" || list.account === undefined) return end(id, list?.received ?? 0);
    const address = { id, account: list.account };
    const before = await readings.read(address);
    const late = clock.now() - list.usedAt >= GIVE_UP_MS;
    const read = await readOn(address, list).catch((error: unknown) => {
      // The accounts file names no such account any more, for one.
      if (!late || !(error instanceof Failure)) throw error;
      return { trouble: { code: error.code, message: error.message }, forGood: true };
    });
    const came = (await readings.read(address)).received > before.received;
    if (came) await readings.noteUse(id, clock.now());
    if ("trouble" in read)
      return (late && !came) || read.forGood ? giveUp(address, read) : tryAgain(address, read);
    tries.delete(id);
    if (read.kind === "gone") return end(id, 0);
    if (read.kind === "more") return { kind: "sleep", delayMs: 0, changed: async () => false };
    await readings.finish(id, read.all);
    log.info({ account: address.account, list: id, received: read.all.received }, "A list was read");
    return end(id, read.all.received);
  };

  async function readOn(address: { account: string; id: ListId }, list: StoredList) {
    const segment = await segmentIn(address, list);
    if ("trouble" in segment) return segment;
    const read = await readMembers(address, segment);
    return read.kind === "trouble" ? stuck(read.error, read.refused) : read;
  }

  /** Whom to read: a tag that was named by its name is looked up once. */
  async function segmentIn(
    { account, id }: { account: string; id: ListId },
    { source }: StoredList,
  ): Promise<Segment | Stuck> {
    const known = source && segmentOf(source);
    if (known || source?.type !== "tag") return known ?? { type: "all" };
    const reply = await wechatOf(account).tags.list();
    if (reply.kind !== "done") return stuck(reply.error, reply.kind === "refused");
    const tag = reply.value.find(({ name }) => name === source.name);
    if (!tag) return stuck({ message: "the account has no tag of this name" }, true);
    await readings.noteTag(id, tag.id);
    return { type: "tag", tagId: tag.id };
  }

  function stuck(error: WechatError, refused: boolean): Stuck {
    const code = refused ? "WECHAT_REFUSED" : "WECHAT_NOT_NOW";
    return { trouble: troubleOf(code, error, remedyOf), forGood: refused };
  }

  async function tryAgain(
    { account, id }: { account: string; id: ListId },
    { trouble }: Stuck,
  ): Promise<Wish<never>> {
    await readings.noteTrouble(id, trouble);
    const met = tries.get(id) ?? 0;
    // Those that went on in another process are forgotten now and then.
    if (tries.size > TRIES_MAX) tries.clear();
    tries.set(id, met + 1);
    const delayMs = againMs(met);
    log.warn({ account, list: id, errcode: trouble.errcode, delayMs }, "A list could not be read on yet");
    return { kind: "sleep", delayMs, changed: async () => (await lists.find(id))?.state !== "reading" };
  }

  async function giveUp({ account, id }: { account: string; id: ListId }, { trouble }: Stuck) {
    tries.delete(id);
    await readings.fail(id, trouble);
    log.warn({ account, list: id, errcode: trouble.errcode }, "A list can't be read");
    return end(id, 0);
  }

  /** Wakes who waits for the list; one that is woken for nothing sleeps again. */
  async function end(id: ListId, received: number) {
    for (const campaign of await lists.pins(id)) await queues.wakeCampaign(campaign);
    await readings.forget(id);
    return { kind: "done" as const, value: { received } };
  }
}

export type ReadAudience = ReturnType<typeof createReadAudience>;
