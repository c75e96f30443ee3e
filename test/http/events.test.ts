import { describe, expect, test } from "vitest";
import { until } from "../support/until.ts";
import { openLog, percents, useFeed } from "./event-rig.ts";

const { feed, serve, openSource, progress, keepOne } = useFeed();
const dropped = "A client that did not read its events was dropped";
const upTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_, at) => from + at);

describe("who listens", () => {
  test("is told what happens from then on, as it happens", async () => {
    await progress("offer", 1);
    const server = await serve();
    const source = await server.listen();
    expect(source.headers).toMatchObject({
      ...{ "content-type": "text/event-stream", "cache-control": "no-cache", "x-accel-buffering": "no" },
    });
    await progress("offer", 2);
    await feed().publish("campaign.closed", { id: "offer", account: "acme", state: "completed" }, "1");
    const [first, second] = await source.saw(2);
    expect(first).toMatchObject({
      event: "campaign.progress",
      data: { id: "offer", account: "acme", state: "sending", progress: { percent: 2 } },
    });
    expect(second).toMatchObject({ event: "campaign.closed", data: { id: "offer", state: "completed" } });
    expect(second?.id).toBe(await feed().lastId());
  });

  test.each([
    ["?account=acme", [1, 3]],
    ["?campaign=news", [2, 3]],
    ["?account=acme&campaign=news", [3]],
  ])("with %s is told of that alone", async (query, expected) => {
    const source = await (await serve()).listen(query);
    await progress("offer", 1);
    await progress("news", 2, "shop");
    await progress("news", 3);
    await source.saw(expected.length);
    expect(percents(source)).toEqual(expected);
  });

  test("is sent beats while nothing happens, which move its id past what it did not ask for", async () => {
    const source = await (await serve({ beatMs: 50 })).listen("?account=nobody");
    await progress("offer", 1);
    const last = await feed().lastId();
    await until(() => source.lastId() === last);
    expect(source.beats()).toBeGreaterThan(1);
    expect(source.events).toEqual([]);
  });

  test("by HEAD is answered at once", async () => {
    const answer = await (await serve()).ask("/v1/events", { method: "HEAD" });
    expect(answer).toMatchObject({ status: 200, text: "" });
  });
});

describe("Last-Event-ID", () => {
  test("brings what happened since, over a restart of the server, without a gap or a repeat", async () => {
    const first = await serve();
    const source = await first.listen();
    for (const percent of upTo(10)) await progress("offer", percent);
    await source.saw(10);
    const [, , third] = source.events;
    await first.close();
    await until(() => source.hasEnded());
    expect(source.isComplete()).toBe(true);
    for (const percent of upTo(1_300, 11)) await progress("offer", percent);

    const second = await serve();
    const again = openSource(second.url, "", { "last-event-id": third?.id ?? "" });
    // More comes while what is old is told.
    for (const percent of upTo(1_500, 1_301)) await progress("offer", percent);
    const resumed = await again;
    await resumed.saw(1_497);
    expect(percents(resumed)).toEqual(upTo(1_500, 4));
  });

  test("can stand in the query, and be the one of a first beat", async () => {
    const server = await serve();
    const source = await server.listen();
    source.close();
    await progress("offer", 1);
    const resumed = await server.listen(`?lastEventId=${source.lastId()}`);
    await resumed.saw(1);
    expect(percents(resumed)).toEqual([1]);
  });

  test("brings nothing behind a gap when the server stops amid what is old", async () => {
    for (const percent of upTo(3_000)) await progress("offer", percent);
    const server = await serve();
    const source = await openSource(server.url, "", { "last-event-id": "0-0" });
    await source.saw(1);
    await progress("offer", 3_001);
    await server.close();
    await until(() => source.hasEnded());
    expect(source.isComplete()).toBe(true);
    expect(percents(source)).toEqual(upTo(source.events.length));
    const resumed = await (await serve()).listen("", { "last-event-id": source.lastId() });
    await until(() => source.events.length + resumed.events.length === 3_001);
    expect(percents(resumed)).toEqual(upTo(3_001, source.events.length + 1));
  });

  test("that is not kept any more brings a reset, and then what happens from there", async () => {
    await progress("offer", 1);
    const old = await feed().lastId();
    for (const percent of [2, 3]) await progress("offer", percent);
    await keepOne();
    const source = await (await serve()).listen("", { "last-event-id": old });
    await progress("offer", 4);
    const [reset, next] = await source.saw(2);
    expect(reset).toMatchObject({ event: "reset", data: { reason: "events are missing" } });
    expect(next).toMatchObject({ data: { progress: { percent: 4 } } });
  });

  test("of a feed that Redis has lost brings a reset too", async () => {
    const source = await (await serve()).listen("", { "last-event-id": "9999999999999-0" });
    expect(await source.saw(1)).toMatchObject([{ event: "reset" }]);
  });

  test("of the start brings all that is kept", async () => {
    for (const percent of upTo(3)) await progress("offer", percent);
    const source = await (await serve()).listen("", { "last-event-id": "0-0" });
    await source.saw(3);
    expect(percents(source)).toEqual(upTo(3));
  });

  test.each(["yesterday", "1", "1-", "-1-0", "9".repeat(16), "*", "$"])("can't be %s", async (id) => {
    const server = await serve();
    expect(await server.ask("/v1/events", { headers: { "last-event-id": id } })).toMatchObject({
      ...{ status: 400, text: expect.stringContaining('"code":"BAD_REQUEST"') },
    });
    const query = new URLSearchParams({ lastEventId: id });
    expect((await server.ask(`/v1/events?${query}`)).json()).toMatchObject({
      ...{ status: 422, code: "INVALID_PARAMETER", errors: [{ path: "lastEventId" }] },
    });
  });
});

test("a query of another kind is refused", async () => {
  const server = await serve();
  for (const query of ["account=No", "campaign=a%20b", "since=1", "account=a&account=b"])
    expect((await server.ask(`/v1/events?${query}`)).json()).toMatchObject({ status: 422 });
});

describe("the server", () => {
  test("goes on where it was when its connection to Redis breaks", async () => {
    const server = await serve();
    const source = await server.listen();
    await progress("offer", 1);
    await source.saw(1);
    for (const percent of upTo(20, 2)) {
      if (percent % 5 === 0) server.own.disconnect(true);
      await progress("offer", percent);
    }
    await source.saw(20);
    expect(percents(source)).toEqual(upTo(20));
  });

  test("says so when more has happened meanwhile than is kept", async () => {
    const server = await serve();
    const source = await server.listen();
    await progress("offer", 1);
    await source.saw(1);
    const reconnecting = new Promise((resolve) => server.own.once("close", resolve));
    server.own.disconnect();
    await reconnecting;
    for (const percent of [2, 3]) await progress("offer", percent);
    await keepOne();
    await server.own.connect();
    await source.saw(2);
    await progress("offer", 4);
    const [, reset, next] = await source.saw(3);
    expect(reset?.event).toBe("reset");
    expect(next).toMatchObject({ data: { progress: { percent: 4 } } });
  });

  test("drops a client that does not read, and serves the others", async () => {
    const { log: told, lines } = openLog();
    const server = await serve({ waiting: 20, log: told });
    const source = await server.listen();
    const other = await server.listen();
    source.pause();
    const report = "x".repeat(100_000);
    let count = 0;
    const isDropped = async () => {
      const data = { id: "offer", account: "acme", state: "sending", report };
      await feed().publish("campaign.progress", data);
      count += 1;
      await other.saw(count);
      return lines.join().includes(dropped);
    };
    await until(isDropped, { timeoutMs: 20_000 });
    source.resume();
    await until(() => source.hasEnded());
    expect(source.isComplete()).toBe(false);
    expect(other.hasEnded()).toBe(false);
  });

  test("drops a client that takes nothing of what it has asked for", async () => {
    const data = { id: "offer", account: "acme", state: "sending", report: "x".repeat(100_000) };
    for (const _ of upTo(200)) await feed().publish("campaign.progress", data);
    const { log: told, lines } = openLog();
    const server = await serve({ stuckMs: 200, log: told });
    const source = await openSource(server.url, "", { "last-event-id": "0-0" });
    source.pause();
    await until(() => lines.join().includes(dropped));
    source.resume();
    await until(() => source.hasEnded());
    expect(source.isComplete()).toBe(false);
  });

  test("takes so many clients and no more, and another once one has gone", async () => {
    const server = await serve({ most: 2 });
    const first = await server.listen();
    await server.listen();
    const refused = await server.ask("/v1/events");
    expect(refused).toMatchObject({ status: 503, headers: { "retry-after": "5" } });
    expect(refused.json()).toMatchObject({ code: "TOO_BUSY" });
    first.close();
    await until(async () => {
      const source = await openSource(server.url);
      return source.status === 200;
    });
  });

  test("that stops ends every stream in order, though one does not read, and takes no other", async () => {
    const server = await serve({ waiting: 1_000_000 });
    const source = await server.listen();
    const hanging = await server.listen();
    hanging.pause();
    const data = { id: "offer", account: "acme", state: "sending", text: "x".repeat(100_000) };
    for (const _ of upTo(100)) await feed().publish("campaign.progress", data);
    await source.saw(100);
    const startedAt = Date.now();
    await server.close();
    expect(Date.now() - startedAt).toBeLessThan(4_000);
    await until(() => source.hasEnded());
    expect(source.isComplete()).toBe(true);
  });
});
