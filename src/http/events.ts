import type { ServerResponse } from "node:http";
import type { Context, Handler } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import { z } from "zod";
import { AccountId } from "../campaign/account.ts";
import { CampaignId } from "../campaign/campaign-id.ts";
import { type FeedEvent, FeedId, isAfter } from "../campaign/feed-event.ts";
import { Failure } from "../failure.ts";
import type { Logger } from "../log.ts";
import { createOutbox } from "./outbox.ts";
import { readQuery } from "./query.ts";
import { type Call, documented } from "./route.ts";

export const EventQuery = z.strictObject({
  account: AccountId.transform(String).optional(),
  campaign: CampaignId.transform(String).optional(),
  /** For those who can't set the header. */
  lastEventId: FeedId.optional(),
});
type EventQuery = z.infer<typeof EventQuery>;

const EventHeaders = z.object({
  "Last-Event-ID": FeedId.optional().describe("Goes on behind this event; `0-0`: all that is kept."),
});

/** `GET /v1/events` with its documentation, whoever answers it. */
export function documentedEvents(handler: Handler): Call {
  return documented(
    {
      id: "streamEvents",
      summary: "Tells what becomes of campaigns as it happens, as server-sent events.",
      more:
        "`campaign.state`, `campaign.progress`, `campaign.closed` and `campaign.corrected`, each with `id`, `account`, " +
        "`state` and its `progress` or `report` as JSON; `reset` where events behind `Last-Event-ID` are not kept any more.",
      tag: "Campaigns",
      query: EventQuery,
      headers: EventHeaders,
      answers: { 200: { "text/event-stream": null } },
      fails: ["BAD_REQUEST", "TOO_BUSY"],
    },
    handler,
  );
}

/** The feed as this door reads it; `compose-events.ts` hands it over. */
type EventFeed = {
  /** The last event that listeners were told. */
  readonly position: () => FeedId;
  readonly listen: (listener: (event: FeedEvent | "reset") => void) => () => void;
  readonly after: (id: FeedId, count: number) => Promise<FeedEvent[]>;
  readonly hasLost: (id: FeedId) => Promise<boolean>;
};

export type EventParts = {
  readonly feed: EventFeed;
  readonly log: Logger;
  /** Streams at once in this process. */
  readonly most?: number;
  /** Events that may wait for one client. */
  readonly waiting?: number;
  readonly beatMs?: number;
  /** How long a client may take for one event. */
  readonly stuckMs?: number;
};

const MOST = 200;
const WAITING = 1_000;
/** Below the minute after which proxies give a silent connection up. */
const BEAT_MS = 15_000;
const STUCK_MS = 30_000;
const PAGE = 500;
const RETRY_MS = 3_000;
/** A client that takes no more is given so long to take the end. */
const END_MS = 1_000;

type Write = (text: string) => Promise<void>;
type Outbox = ReturnType<typeof createOutbox<FeedEvent | "reset">>;
type Client = { readonly outbox: Outbox; readonly cut: () => void; readonly done: Promise<void> };

/**
 * `GET /v1/events`: server-sent events, as they come, behind `Last-Event-ID` without a gap or a repeat. Where events
 * behind that id are not kept any more, an event `reset` says so. Beats move the id on past events that the client
 * did not ask for, so that it does not grow too old.
 */
export function createEventStreams(parts: EventParts) {
  const { feed, log, most = MOST, waiting = WAITING, beatMs = BEAT_MS, stuckMs = STUCK_MS } = parts;
  const clients = new Set<Client>();
  let closed = false;

  return {
    async handler(c: Context): Promise<Response> {
      const query = readQuery(c, EventQuery);
      const from = lastEventId(c, query);
      // A Redis that is away is said as 503 while there is a status to say it with.
      await feed.after(feed.position(), 1);
      if (closed || clients.size >= most)
        throw new Failure("TOO_BUSY", "The server has no room for another stream of events now.");
      if (c.req.method === "HEAD") return c.body(null, 200, { "Content-Type": "text/event-stream" });
      // nginx would hold events back until a buffer is full.
      c.header("X-Accel-Buffering", "no");
      return streamSSE(
        c,
        (stream) => serve(c, stream, query, from),
        async (error) => log.warn({ reason: error.message }, "A stream of events broke off"),
      );
    },

    /** Ends all streams in order, takes no other, and cuts who does not take the end. */
    async close(): Promise<void> {
      closed = true;
      const all = [...clients];
      for (const { outbox } of all) outbox.end();
      const timer = setTimeout(() => {
        for (const { cut } of all) cut();
      }, END_MS);
      await Promise.all(all.map(({ done }) => done));
      clearTimeout(timer);
    },
  };

  async function serve(c: Context, stream: SSEStreamingApi, query: EventQuery, from: FeedId | undefined) {
    const outbox: Outbox = createOutbox(waiting);
    let isCut = false;
    const cut = () => {
      isCut = true;
      stream.abort();
      // What is written and not read would keep the connection.
      (c.env as { outgoing?: ServerResponse } | undefined)?.outgoing?.destroy();
    };
    let finish = () => {};
    const done = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const client: Client = { outbox, cut, done };
    clients.add(client);
    stream.onAbort(() => {
      outbox.end();
      finish();
    });
    const deaf = feed.listen((event) => {
      outbox.put(event);
      if (outbox.isOverflown()) cut();
    });
    const write = async (text: string) => {
      const timer = setTimeout(cut, stuckMs);
      await stream.write(text);
      clearTimeout(timer);
    };
    try {
      await pump(write, outbox, query, from);
    } finally {
      deaf();
      clients.delete(client);
      if (isCut) log.info("A client that did not read its events was dropped");
      await stream.close();
      finish();
    }
  }

  async function pump(
    write: Write,
    outbox: Outbox,
    { account, campaign }: EventQuery,
    from: FeedId | undefined,
  ): Promise<void> {
    const fits = (event: FeedEvent) =>
      (account ?? event.account) === event.account && (campaign ?? event.campaign) === event.campaign;
    let position = feed.position();
    const send = async (event: FeedEvent) => {
      if (!isAfter(event.id, position)) return;
      position = event.id;
      if (fits(event)) await write(`id: ${event.id}\nevent: ${event.type}\ndata: ${event.data}\n\n`);
    };
    const reset = () => write(`id: ${position}\nevent: reset\ndata: {"reason":"events are missing"}\n\n`);
    // A block without data is no event, but its id is remembered (HTML standard, server-sent events).
    const beat = () => write(`: beat\nid: ${position}\n\n`);

    await write(`retry: ${RETRY_MS}\n\n`);
    if (from !== undefined) {
      if (await feed.hasLost(from)) await reset();
      else {
        position = from;
        for (;;) {
          const page = await feed.after(position, PAGE);
          for (const event of page) await send(event);
          // What is still missing is told to a client that comes back; nothing behind it may be.
          if (outbox.isOver()) return;
          if (page.length < PAGE) break;
        }
      }
    }
    await beat();
    for (;;) {
      const next = await outbox.take(beatMs);
      if (next === "end") return;
      if (next === "nothing") await beat();
      else if (next === "reset") {
        position = feed.position();
        await reset();
      } else await send(next);
    }
  }
}

/** Where the client was. Throws BAD_REQUEST for a header that is no event's id. */
function lastEventId(c: Context, { lastEventId }: EventQuery): FeedId | undefined {
  const header = c.req.header("last-event-id");
  // A browser that has seen no event yet leaves it empty.
  if (header === undefined || header === "") return lastEventId;
  const parsed = FeedId.safeParse(header);
  if (parsed.success) return parsed.data;
  throw new Failure("BAD_REQUEST", "Last-Event-ID is not the id of an event.");
}
