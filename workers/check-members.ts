import { type Batch, clientMsgId } from "../src/campaign/batch.ts";
import { askedFor, type Campaign } from "../src/campaign/campaign.ts";
import { BATCH_MIN } from "../src/campaign/cut.ts";
import type { OpenId } from "../src/campaign/openid.ts";
import { byShard } from "../src/campaign/shard.ts";
import type { Clock } from "../src/clock.ts";
import type { JobView } from "../src/queues/worker.ts";
import type { Audiences } from "../src/store/audiences.ts";
import type { Caps } from "../src/store/caps.ts";
import type { Reservations } from "../src/store/reservations.ts";
import type { ApiReply } from "../src/wechat/api-reply.ts";

type Parts = {
  readonly audiences: Pick<Audiences, "members">;
  readonly caps: Pick<Caps, "month">;
  readonly reservations: Pick<Reservations, "noteLeft" | "giveBack" | "checkBatch">;
  /** Who of at most 100 people follows the account (WECHAT.md section 7). */
  readonly describe: (
    account: string,
    openids: readonly string[],
  ) => Promise<ApiReply<ReadonlyMap<string, boolean>>>;
  /** Waits until what is written outlives a power loss; answers how long the first call has to wait for it. */
  readonly makeDurable: () => Promise<number>;
  readonly clock: Clock;
};

/** user/info/batchget takes so many at once. */
const AT_ONCE = 100;
/** Somebody in the list is none of the account's: invalid, unknown, or of another account. */
const NOT_OURS = [40003, 40031, 46004, 49003];

/** Who of them can't be reached, or why WeChat could not be asked. */
type Found =
  | { readonly kind: "found"; readonly left: readonly OpenId[] }
  | { readonly kind: "trouble"; readonly why: string };

/**
 * A send was refused because of somebody in it (40003, 40031, 49003): its members are looked up, those who can't be
 * reached leave the batch as `excluded`, and the rest goes once more (MECHANICS section 1). Their reservations go back.
 * May be done again after a crash at any point: who leaves is noted first. Answers undefined when it is done, else why
 * it could not be.
 */
export function createCheckMembers({ audiences, caps, reservations, describe, makeDurable, clock }: Parts) {
  return async (campaign: Campaign, batch: Batch, job: JobView): Promise<string | undefined> => {
    const { account, id } = campaign;
    const { number, month } = batch;
    const before = await audiences.members(campaign, batch);
    const found = await findLeft(account, before);
    if (found.kind === "trouble") return found.why;
    const unreachable = new Set(await reservations.noteLeft(campaign, number, found.left));
    const rest = before.filter((openid) => !unreachable.has(openid));
    const members = rest.length < BATCH_MIN ? [] : rest;
    const leaving = members.length === 0 ? before : [...unreachable];

    const shards = month === campaign.month ? campaign.shards : (await caps.month({ account, month })).shards;
    for (const [shard, people] of byShard(leaving, shards))
      await reservations.giveBack(campaign, `checked:${number}:${shard}`, { month, shard, people });
    const message = askedFor(campaign);
    const clientmsgid =
      leaving.length === 0
        ? batch.clientmsgid
        : clientMsgId({ account, campaign: id, number, month, message, members });
    const notBefore = clock.now() + (await makeDurable());
    const result = { members, clientmsgid, excluded: leaving.length, notBefore };
    const word = await reservations.checkBatch(campaign, batch, result, clock.now());
    await job.note(`Looked its members up: ${word}, ${leaving.length} of them can't be reached.`);
    return undefined;
  };

  async function findLeft(account: string, openids: readonly OpenId[]): Promise<Found> {
    const left: OpenId[] = [];
    for (let at = 0; at < openids.length; at += AT_ONCE) {
      const found = await findAmong(account, openids.slice(at, at + AT_ONCE));
      if (found.kind === "trouble") return found;
      left.push(...found.left);
    }
    return { kind: "found", left };
  }

  /** One who is none of the account's has all refused: halves tell who. */
  async function findAmong(account: string, openids: readonly OpenId[]): Promise<Found> {
    const reply = await describe(account, openids);
    if (reply.kind === "done")
      return { kind: "found", left: openids.filter((openid) => reply.value.get(openid) === false) };
    if (reply.kind !== "refused" || !NOT_OURS.includes(reply.error.errcode ?? 0))
      return { kind: "trouble", why: reply.error.message };
    if (openids.length === 1) return { kind: "found", left: openids };
    const half = Math.ceil(openids.length / 2);
    const first = await findAmong(account, openids.slice(0, half));
    const second = await findAmong(account, openids.slice(half));
    if (first.kind === "trouble") return first;
    return second.kind === "trouble" ? second : { kind: "found", left: [...first.left, ...second.left] };
  }
}

export type CheckMembers = ReturnType<typeof createCheckMembers>;
