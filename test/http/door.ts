import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from "node:http";
import { text } from "node:stream/consumers";
import { Hono } from "hono";
import { pino } from "pino";
import { createPages } from "../../src/console/pages.ts";
import { Failure } from "../../src/failure.ts";
import { createApiDocument } from "../../src/http/api-document.ts";
import { type AppDeps, createApp } from "../../src/http/app.ts";
import type { Callbacks } from "../../src/http/callback.ts";
import { createClientOf } from "../../src/http/client.ts";
import { createRoutes } from "../../src/http/routes.ts";
import { openServer } from "../../src/http/server.ts";
import { limited } from "../store/quota-rig.ts";
import { createTestClock } from "../support/clock.ts";
import { createContract } from "../support/contract.ts";
import { createTestDryRun } from "../support/dry-run.ts";
import { createTestDesk } from "./desk.ts";
import { createLedger } from "./ledger.ts";
import { createMoves } from "./moves.ts";
import { createTestReviews } from "./review-door.ts";

export type Answer = { status: number; headers: IncomingHttpHeaders; text: string; json: () => unknown };

type Ask = { method?: string; headers?: OutgoingHttpHeaders; body?: string | Buffer };

/** One request over a connection of its own. Unlike fetch it sends whatever Host and path it is told. */
export async function ask(base: string, path: string, { method = "GET", headers, body }: Ask = {}) {
  const { hostname, port } = new URL(base);
  const host = hostname.replace(/^\[|\]$/g, "");
  return new Promise<Answer>((resolve, reject) => {
    const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
    const call = request({ host, port, path, method, agent: false, headers: { ...length, ...headers } });
    call.once("error", reject);
    call.once("response", async (response) => {
      const { statusCode: status = 0, headers } = response;
      const body = await text(response);
      resolve({ status, headers, text: body, json: () => JSON.parse(body) });
    });
    call.end(body);
  });
}

/** Callbacks as WeChat's side does them, in small: `?signature=good` fits, a body `<xml>…</xml>` is well-formed. */
export function createCallbacks() {
  const delivered: { account: string; event: string }[] = [];
  const requireSignature = (query: Readonly<Record<string, string>>) => {
    if (query.signature !== "good") throw new Failure("BAD_SIGNATURE", "The signature does not fit.");
  };
  const callbacks: Callbacks<string> = {
    isAccount: (account) => account === "acme",
    verifyCallback(_account, query) {
      requireSignature(query);
      return query.echostr ?? "";
    },
    readCallback(_account, query, body) {
      requireSignature(query);
      const message = body.toString();
      if (!message.startsWith("<xml>")) throw new Failure("BAD_CALLBACK", "The body is no XML.");
      return message;
    },
    async deliver(account, event) {
      delivered.push({ account, event });
    },
    passOn: async () => undefined,
  };
  return { callbacks, delivered };
}

/** What the door is given, over a ledger of plain objects. `lines` are what it has logged. */
export function createDoorDeps(overrides: Partial<AppDeps<string>> = {}) {
  const lines: Record<string, unknown>[] = [];
  const log = pino(
    { level: "debug", base: null },
    { write: (line: string) => void lines.push(JSON.parse(line)) },
  );
  const { ledger = createLedger().ledger, clock = createTestClock() } = overrides;
  const { routes, troublePage } = createPages({
    ...{ ledger, accounts: ["acme"], basePath: "", clientOf: createClientOf([]), clock, log },
    // There is no password to be guessed.
    guesses: { count: async () => {}, forgive: async () => {} },
    ended: { end: async () => {}, has: async () => false },
  });
  const deps: AppDeps<string> = {
    accounts: new Map([["acme", limited()]]),
    ledger,
    takeIn: () => Promise.reject(new Error("nothing is taken in here")),
    lists: {
      store: () => Promise.reject(new Error("no list is kept here")),
      find: async () => undefined,
      list: async () => ({ items: [], nextCursor: null }),
      remove: async () => "gone",
      startReading: () => Promise.reject(new Error("no list is read here")),
    },
    doNotSend: {
      add: async () => 0,
      addList: () => Promise.reject(new Error("no list is kept here")),
      drop: async () => false,
      has: async () => false,
      list: async () => ({ items: [], nextCursor: null }),
      total: async () => 0,
    },
    retentionMs: 30 * 24 * 3_600_000,
    readQuota: () => Promise.reject(new Error("no quota is kept here")),
    moves: createMoves().moves,
    dryRun: createTestDryRun(),
    caps: {
      used: async () => 0,
      histogram: async () => ({ users: { 1: 0, 2: 0, 3: 0, 4: 0 }, base: 0, followers: null }),
    },
    externalSends: {
      offers: async () => ({ items: [], nextCursor: null, total: 0 }),
      book: () => Promise.reject(new Error("nothing is booked here")),
    },
    desk: createTestDesk(),
    reviews: createTestReviews(),
    keepUpload: () => Promise.reject(new Error("nothing is kept here")),
    callbacks: createCallbacks().callbacks,
    scrape: async () => ({ contentType: "text/plain", text: "" }),
    events: () => Promise.reject(new Error("no events are told here")),
    health: { ping: async () => "PONG", countWorkers: async () => 2 },
    apiKeys: [],
    host: "127.0.0.1",
    basePath: "",
    ...{ console: routes, troublePage },
    clock,
    log,
    pages: { "/queues": new Hono().get("/", (c) => c.text("the dashboard")) },
    ...overrides,
  };
  return { deps, lines };
}

/** The whole door on a free port, with each answer held against its document. */
export async function openDoor(overrides: Partial<AppDeps<string>> = {}) {
  const { deps, lines } = createDoorDeps(overrides);
  const app = createApp(deps);
  const server = await openServer({ app, host: "127.0.0.1", port: 0 });
  const contract = createContract(createApiDocument(createRoutes(deps)));
  return {
    ...server,
    lines,
    async ask(path: string, options: Ask = {}) {
      const answer = await ask(server.url, path, options);
      const { method = "GET", headers, body } = options;
      const type = headers?.["content-type"];
      const inside = path.startsWith(`${deps.basePath}/`) ? path.slice(deps.basePath.length) : path;
      // The base path itself is the first page.
      const asked = path === deps.basePath ? "/" : inside;
      contract.hold(
        { method, path: asked, type: type === undefined ? type : String(type), body: body?.toString() },
        answer,
      );
      return answer;
    },
  };
}
