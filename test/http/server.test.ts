import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { openServer } from "../../src/http/server.ts";
import { until } from "../support/until.ts";
import { ask } from "./door.ts";

const app = new Hono().get("/", (c) => c.text("hello"));

/** Sends bytes as they are; what the server sends until it hangs up. */
async function raw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(bytes);
  return text(socket);
}

describe("openServer", () => {
  test.each(["127.0.0.1", "::1", "localhost"])("serves on %s, at the address that it tells", async (host) => {
    const server = await openServer({ app, host, port: 0 });
    expect(server.url).toBe(`http://${host === "::1" ? "[::1]" : host}:${server.port}`);
    expect((await ask(server.url, "/")).text).toBe("hello");
    await server.close();
  });

  test("fails with BAD_CONFIG that says why when the port is taken or the address is not ours", async () => {
    const { port, close } = await openServer({ app, host: "127.0.0.1", port: 0 });
    const failure = { code: "BAD_CONFIG", message: expect.stringContaining("EADDRINUSE") };
    await expect(openServer({ app, host: "127.0.0.1", port })).rejects.toMatchObject(failure);
    await close();
    await expect(openServer({ app, host: "203.0.113.9", port: 0 })).rejects.toMatchObject({
      code: "BAD_CONFIG",
    });
  });

  test("leaves the process's own Request and Response alone", async () => {
    const before = [globalThis.Request, globalThis.Response];
    await (await openServer({ app, host: "127.0.0.1", port: 0 })).close();
    expect([globalThis.Request, globalThis.Response]).toEqual(before);
  });

  const unreadable = [
    "GET http://[broken/ HTTP/1.1\r\nHost: x",
    "GET / HTTP/1.1\r\nHost: a b",
    "GET /a\\b HTTP/1.1\r\nHost: x",
    "GET / HTTP/1.1",
    "GET / HTTP/1.1\r\nHost: x\r\nHost: y",
    "GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked",
    "GET / HTTP/3.0\r\nHost: x",
    "BREW / HTTP/1.1\r\nHost: x",
    "GET / HTTP/1.1\r\nHost: x\r\nno header at all",
    `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${"x".repeat(20_000)}`,
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nno length",
  ];

  test.each(unreadable.map((head) => [head.slice(0, 80), head]))(
    "answers 400 to %j",
    async (_start, head) => {
      const server = await openServer({ app, host: "127.0.0.1", port: 0 });
      const answer = await raw(server.port, `${head}\r\n\r\n`);
      expect(answer).toMatch(/\r\nconnection: close\r\n/i);
      expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
      expect(answer).toMatch(/nosniff/);
      expect(answer).toMatch(/application\/problem\+json/);
      expect(JSON.parse(answer.split("\r\n\r\n")[1] ?? "")).toMatchObject({
        status: 400,
        code: "BAD_REQUEST",
      });
      await server.close();
    },
  );

  test("is not stopped by an expectation that it does not know", async () => {
    const server = await openServer({ app, host: "127.0.0.1", port: 0 });
    const answer = await raw(
      server.port,
      "GET / HTTP/1.1\r\nHost: x\r\nExpect: tea\r\nConnection: close\r\n\r\n",
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*hello$/);
    await server.close();
  });

  test("closes a connection that turns to nonsense amid an answer, and writes no second one into it", async () => {
    const halves = new Hono().post("/", (c) => {
      const body = new ReadableStream({ start: (sink) => sink.enqueue(new TextEncoder().encode("half")) });
      return c.body(body);
    });
    const server = await openServer({ app: halves, host: "127.0.0.1", port: 0 });
    const socket = connect(server.port, "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    await until(() => answer.includes("half"));
    socket.write("no length\r\n");
    await once(socket, "close");
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    await server.close();
  });
});

describe("behind an answer that came before the request's end", () => {
  const early = new Hono().post("/", (c) => c.text("too large", 413));
  const head = (length: number) => `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`;

  test("a client may go on writing: its connection is not broken before it has read", async () => {
    const server = await openServer({ app: early, host: "127.0.0.1", port: 0 });
    const socket = connect(server.port, "127.0.0.1");
    const [written, every] = [15, 60];
    socket.write(head(written * 1_000));
    let said = "";
    socket.setEncoding("utf8").on("data", (some: string) => {
      said += some;
    });
    for (let chunk = 0; chunk < written; chunk++) {
      await sleep(every);
      socket.write("x".repeat(1_000));
    }
    expect(said).toMatch(/^HTTP\/1\.1 413 /);
    // The same connection takes the next request, for this one has come to its end.
    socket.write(head(0));
    await until(() => said.split("HTTP/1.1 413").length === 3);
    socket.destroy();
    await server.close();
  });

  test("nor is one that is not to be kept, which ends once the request has", async () => {
    const server = await openServer({ app: early, host: "127.0.0.1", port: 0 });
    const socket = connect({ port: server.port, host: "127.0.0.1", allowHalfOpen: true });
    const closed = once(socket, "close");
    let said = "";
    socket.setEncoding("utf8").on("data", (some: string) => {
      said += some;
    });
    socket.write(head(10_000).replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
    for (let chunk = 0; chunk < 10; chunk++) {
      await sleep(30);
      socket.write("x".repeat(1_000));
    }
    socket.end();
    // It rejects where the connection was broken.
    await closed;
    expect(said).toMatch(/^HTTP\/1\.1 413 .*too large$/s);
    await server.close();
  });

  test("a client that neither ends nor goes on is cut off", async () => {
    const server = await openServer({ app: early, host: "127.0.0.1", port: 0 });
    expect(await raw(server.port, `${head(9_000)}some`)).toMatch(/^HTTP\/1\.1 413 /);
    await server.close();
  });
});

describe("close", () => {
  /** A server whose only answer waits for `release`. */
  async function openSlow() {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let isAsked = false;
    const slow = new Hono().get("/", async (c) => {
      isAsked = true;
      await released;
      return c.text("at last");
    });
    const server = await openServer({ app: slow, host: "127.0.0.1", port: 0 });
    return { ...server, release, asked: () => until(() => isAsked) };
  }

  test("ends idle keep-alive connections at once", async () => {
    const server = await openServer({ app, host: "127.0.0.1", port: 0 });
    const agent = new Agent({ keepAlive: true });
    const call = request(server.url, { agent }).end();
    const [response] = await once(call, "response");
    await text(response);
    const startedAt = Date.now();
    await server.close(10_000);
    expect(Date.now() - startedAt).toBeLessThan(5_000);
    agent.destroy();
  });

  test("lets a request in hand finish, takes no new one, then ends its connection", async () => {
    const server = await openSlow();
    const agent = new Agent({ keepAlive: true });
    const answer = once(request(server.url, { agent }).end(), "response");
    await server.asked();
    const closed = server.close(10_000);
    await expect(ask(server.url, "/")).rejects.toThrow("ECONNREFUSED");
    server.release();
    expect(await text((await answer)[0])).toBe("at last");
    const startedAt = Date.now();
    await closed;
    expect(Date.now() - startedAt).toBeLessThan(5_000);
    agent.destroy();
  });

  test("cuts what is left at the deadline, and may be called twice", async () => {
    const server = await openSlow();
    const call = request(server.url, { agent: false }).end();
    const cut = once(call, "error");
    await server.asked();
    await Promise.all([server.close(100), server.close(100)]);
    expect(await cut).toMatchObject([{ code: "ECONNRESET" }]);
    server.release();
  });
});
