import { type IncomingMessage, request } from "node:http";
import { until } from "./until.ts";

export type Seen = { readonly id: string; readonly event: string; readonly data: Record<string, unknown> };

/** A client of server-sent events after the HTML standard's rules, in small, that shares nothing with src/. */
export async function openEventSource(url: string, headers: Record<string, string> = {}) {
  const events: Seen[] = [];
  let lastId = "";
  let beats = 0;
  let ended = false;
  const call = request(url, { agent: false, headers: { accept: "text/event-stream", ...headers } });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    call.once("error", reject);
    call.once("response", resolve);
    call.end();
  });
  call.on("error", () => {});
  response.on("error", () => {});
  response.once("close", () => {
    ended = true;
  });
  let text = "";
  response.setEncoding("utf8").on("data", (chunk: string) => {
    const blocks = (text + chunk).split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) read(block);
  });

  function read(block: string): void {
    let [event, data] = ["message", ""];
    for (const line of block.split("\n")) {
      const [, name = "", value = ""] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
      if (name === "") beats += 1;
      if (name === "id") lastId = value;
      if (name === "event") event = value;
      if (name === "data") data += value;
    }
    if (data !== "") events.push({ id: lastId, event, data: JSON.parse(data) as Seen["data"] });
  }

  return {
    status: response.statusCode,
    headers: response.headers,
    events,
    lastId: () => lastId,
    beats: () => beats,
    hasEnded: () => ended,
    /** The rest of the body was there, and not cut off. */
    isComplete: () => response.complete,
    /** Reads no more, as a client that hangs. */
    pause: () => response.pause(),
    resume: () => response.resume(),
    /** So many events are there; answers them. */
    async saw(count: number): Promise<readonly Seen[]> {
      await until(() => events.length >= count, { describe: () => ({ wants: count, sees: events }) });
      return events;
    },
    close: () => call.destroy(),
  };
}

export type EventSource = Awaited<ReturnType<typeof openEventSource>>;
