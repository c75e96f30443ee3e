import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { type CampaignBody, parseCampaign } from "../campaign/body.ts";
import { CampaignId, isQueueNumber, isQueueWord } from "../campaign/campaign-id.ts";
import type { ContentMessage } from "../campaign/content.ts";
import { digestOf } from "../campaign/digest.ts";
import { type ListFormat, ListName } from "../campaign/list.ts";
import type { Message } from "../campaign/message.ts";
import type { Report } from "../campaign/report.ts";
import { Failure } from "../failure.ts";
import { StoredPayload } from "../queues/queues.ts";
import { isRedisAway } from "../store/redis-away.ts";
import type { RedisClient } from "../store/script.ts";
import { type AudienceSource, entriesOf } from "./audience-source.ts";
import { type Connected, createConnection } from "./connection.ts";
import { refusalIn, waitFor } from "./report.ts";

/** A campaign as it is asked for (CONTRACT section 4). */
export type CampaignInput = Omit<z.input<typeof CampaignBody>, "message"> & {
  readonly message: z.input<typeof Message> | z.input<typeof ContentMessage>;
};

/** The report of an ended campaign (CONTRACT section 4). */
export type CampaignReport = Report;

/** `redisUrl` as `REDIS_URL`, several of a cluster separated by commas; or an ioredis of the caller's, who closes it. */
export type ProducerOptions = (
  | { readonly redisUrl: string | undefined }
  | { readonly connection: RedisClient }
) & {
  /** Those of the accounts file. Without them it is the worker who finds out that there is no such account. */
  readonly accounts?: readonly { readonly id: string; readonly kind: "service" | "subscription" }[];
};

export type Producer = ReturnType<typeof createProducer>;

/**
 * What other services send campaigns with. It connects when it is first used, and so has something to close: its
 * name, which others know, is no `open…` for that.
 *
 * While Redis is away all fail within seconds (REDIS_AWAY; with a connection of the caller's, as that one does), but a
 * `waitForReport` that has begun goes on. Every expected trouble is an Error with a `code` of docs/failures.md.
 *
 * @throws Failure INVALID_PARAMETER for options that are none, or of both kinds; BAD_CONFIG for a `redisUrl` that is none
 *   or undefined
 */
export function createProducer(options: ProducerOptions) {
  const connection = createConnection(options);
  const accounts = options.accounts && new Map(options.accounts.map((account) => [account.id, account]));

  return {
    /**
     * Enqueues a campaign; `id` makes that idempotent: the same id and campaign again changes nothing.
     *
     * @throws Failure BAD_CAMPAIGN, whose message names each wrong field (details: `errors`), before anything is
     *   enqueued; INVALID_PARAMETER for an id that can't be one; ID_REUSED when it stands for another campaign;
     *   what refused the campaign of this id before, for its id is used up
     */
    async send(campaign: CampaignInput, { id }: { readonly id?: string } = {}): Promise<{ id: string }> {
      const wanted = idIn(id ?? randomUUID());
      parseCampaign(campaign, accounts);
      const digest = digestOf(campaign);
      await told(async ({ queue, campaigns }) => {
        const isAnother = async () => {
          const known = await campaigns.find(wanted);
          return known !== undefined && known.digest !== digest;
        };
        if (await isAnother()) throw reused(wanted);
        await queue.add(wanted, campaign);
        // A job that was there before is kept with its own data.
        const kept = await queue.find(wanted);
        if (kept?.failedReason !== undefined) throw refusalIn(kept.failedReason);
        const isTakenIn = !kept || StoredPayload.safeParse(kept.data).success;
        if (isTakenIn ? await isAnother() : digestOf(kept.data) !== digest) throw reused(wanted);
      });
      return { id: wanted };
    },

    /**
     * Stores a list of any length while it comes, for campaigns to name; `format` is of bytes, `text` unless said.
     * Answers its id. A source that breaks off leaves nothing behind.
     *
     * @throws Failure INVALID_PARAMETER for what is no source, a list of nothing and a name of more than 200 characters,
     *   TOO_LARGE or BAD_REQUEST for bytes that are no list; and whatever the source throws
     */
    async uploadAudience(
      source: AudienceSource,
      { name, format = "text" }: { readonly name?: string; readonly format?: ListFormat } = {},
    ): Promise<string> {
      if (name !== undefined && !ListName.safeParse(name).success)
        throw new Failure("INVALID_PARAMETER", "name: expected 1 to 200 characters");
      const entries = entriesOf(source, format);
      const list = await told(({ lists }) => lists.store(entries, { name, now: Date.now() }));
      return list.id;
    },

    /**
     * Waits for a campaign's end, however it was enqueued; a Redis that is away meanwhile is waited for.
     *
     * @throws Failure the one that its job failed with, such as BAD_CAMPAIGN; NOT_FOUND where there is no such
     *   campaign; REDIS_AWAY when it is away from the beginning; INVALID_PARAMETER for an id or time that can't be one; a TimeoutError after `timeoutMs`, or after 24
     *   days, which no timer of Node exceeds; what `signal` was aborted with
     */
    async waitForReport(
      id: string,
      { timeoutMs, signal }: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
    ): Promise<CampaignReport> {
      const signals = [
        ...(signal ? [signal] : []),
        ...(timeoutMs === undefined ? [] : [AbortSignal.timeout(timerIn(timeoutMs))]),
      ];
      return waitFor(connection.get, idIn(id), AbortSignal.any(signals));
    },

    /** Ends the connection, if it is the producer's own. */
    close: connection.close,
  };

  /** Redis' own words for being away are many. */
  async function told<Value>(deed: (connected: Connected) => Promise<Value>): Promise<Value> {
    try {
      return await deed(await connection.get());
    } catch (error) {
      if (error instanceof Failure || !isRedisAway(error)) throw error;
      throw new Failure("REDIS_AWAY", "Redis does not answer.", { cause: error });
    }
  }
}

/** @throws Failure INVALID_PARAMETER */
function idIn(text: string): CampaignId {
  const id = CampaignId.safeParse(text);
  if (id.success && !isQueueNumber(id.data) && !isQueueWord(id.data)) return id.data;
  throw new Failure(
    "INVALID_PARAMETER",
    "id: expected 1 to 128 characters of A-Z a-z 0-9 . _ -, not digits alone nor a word of the queue's own",
  );
}

/** The longest that a timer of Node takes, 24 days: who waits for longer is told to ask again. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** @throws Failure INVALID_PARAMETER */
function timerIn(timeoutMs: number): number {
  if (timeoutMs >= 0) return Math.min(Math.ceil(timeoutMs), TIMER_MAX_MS);
  throw new Failure("INVALID_PARAMETER", "timeoutMs: expected milliseconds, 0 or more");
}

function reused(id: CampaignId): Failure {
  return new Failure("ID_REUSED", `id: ${id} belongs to another campaign, give this one its own`);
}
