import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectionOptions, type Job, type JobsOptions, Queue, QueueEvents } from "bullmq";
import { type Cluster, Redis } from "ioredis";
import { expect } from "vitest";
import { type Answer, ask } from "../http/door.ts";
import { createContract } from "../support/contract.ts";
import { openGate } from "../support/gate.ts";
import { openRedisServer } from "../support/redis-server.ts";
import { type Desk, openStrictWechat, type StrictAccount } from "../support/strict-wechat.ts";
import { until } from "../support/until.ts";
import { type Running, startProcess } from "./process.ts";

/** CONTRACT section 2, as short as it allows: a story waits for what it tells and for nothing else. */
const quick = {
  QUNFA_LOCK_MS: "1000",
  QUNFA_RESEND_WAIT_MS: "200",
  QUNFA_SEND_TIMEOUT_MS: "1500",
  QUNFA_RECONCILE_MS: "1000",
  QUNFA_LOG_LEVEL: "info",
};

/** What is on the accounts file beside id, appid and secrets. */
export type AccountOptions = Partial<StrictAccount> & {
  readonly kind?: "service" | "subscription";
  readonly limits?: Record<string, number>;
  readonly window?: { readonly from: string; readonly to: string };
  readonly forwardTo?: string;
  /** In place of WeChat's own: what stands in front of it. */
  readonly apiBase?: string;
};

export type RigOptions = {
  /** A test takes an account of its own: what WeChat does to one stays with it. */
  readonly accounts: Record<string, AccountOptions>;
  readonly env?: Record<string, string>;
  readonly workers?: number;
  /** An append-only file makes a plan wait two seconds for its flush, so only one story has it. */
  readonly appendOnly?: boolean;
  /** All reach Redis through a gate, which a test leads to another one: `rig.gate`. */
  readonly gated?: boolean;
};

export type Shown = {
  readonly state: string;
  readonly waitingFor: { reason: string; until: string | null; [field: string]: unknown } | null;
  readonly progress: { percent: number };
  readonly report: Report | null;
};
export type ShownBatch = {
  readonly number: number;
  readonly state: string;
  readonly size: number;
  readonly clientmsgid: string;
  readonly msgId: string | null;
  readonly closedBy: string | null;
  readonly calls: number;
  readonly error: { code: string; errcode: number | null; message: string } | null;
};
export type Posted = { readonly status: number; readonly [field: string]: unknown };
export type Report = {
  readonly state: string;
  readonly reason: string | null;
  readonly audience: Record<
    "received" | "invalid" | "duplicate" | "excluded" | "capped" | "admitted",
    number
  >;
  readonly batches: Record<"planned" | "succeeded" | "failed" | "needsReview" | "canceled", number>;
  readonly recipients: Record<"submitted" | "total" | "filtered" | "sent" | "failed", number>;
  readonly countsMissing: number;
  readonly sendCalls: number;
};

export type Rig = Awaited<ReturnType<typeof openRig>>;

/** A Redis, the strict WeChat, server and workers as processes, and a producer that knows only BullMQ. */
export async function openRig({ appendOnly = false, gated = false, ...options }: RigOptions) {
  const redis = await openRedisServer({ args: appendOnly ? [] : ["--appendonly", "no"] });
  const gate = gated ? await openGate(redis.port) : undefined;
  const { url, port } = gate ?? redis;
  const close = async () => {
    await gate?.close();
    await redis.close();
  };
  const place = { url, connection: { host: "127.0.0.1", port }, client: new Redis(url), close };
  const rig = await openRigOn(place, options);
  return {
    ...rig,
    redis,
    gate: () => {
      if (!gate) throw new Error("this rig has no gate");
      return gate;
    },
  };
}

/** Where everything is stored, and how other programs than ours reach it. */
export type Place<Client extends Redis | Cluster> = {
  readonly url: string;
  readonly connection: ConnectionOptions;
  readonly client: Client;
  readonly close: () => Promise<void>;
};

/** The same on a Redis, or a cluster, that is there already; it goes with the rig. */
export async function openRigOn<Client extends Redis | Cluster>(
  place: Place<Client>,
  { accounts, env = {}, workers = 1 }: Omit<RigOptions, "appendOnly" | "gated">,
) {
  const { connection, client } = place;
  const folder = mkdtempSync(join(tmpdir(), "qunfa-story-"));
  const strict = Object.entries(accounts).map(([id, { kind: _, limits: __, ...own }], index) => ({
    id,
    appid: `wx${String(index).padStart(16, "0")}`,
    secret: `secret-of-${id}`,
    token: `token-of-${id}`,
    ...own,
  }));
  const wechat = await openStrictWechat(strict);
  const file = join(folder, "accounts.json");
  const entries = strict.map(({ mode: _, ...own }) => {
    const { kind = "service", limits, apiBase = wechat.url } = accounts[own.id] ?? {};
    return { ...own, kind, apiBase, ...(limits && { limits }) };
  });
  writeFileSync(file, JSON.stringify({ accounts: entries }));

  /** Of the accounts file, and every access token that was handed out. */
  const secrets = () =>
    strict.flatMap(({ id, secret, token, encodingAESKey = secret }) => [
      ...[secret, token, encodingAESKey],
      ...wechat.desk(id).tokensGiven,
    ]);

  const settings = { ...quick, ...env, REDIS_URL: place.url, QUNFA_ACCOUNTS: file };
  const running: Running[] = [];
  const start = async (main: string, sentence: string, more: Record<string, string>) => {
    const process = startProcess(main, { ...settings, ...more });
    running.push(process);
    return { process, line: await process.says(sentence) };
  };

  const queues = {
    campaigns: new Queue("campaigns", { connection, prefix: "{qunfa}" }),
    batches: new Queue("batches", { connection, prefix: "{qunfa}" }),
    reconcile: new Queue("reconcile", { connection, prefix: "{qunfa}" }),
  };
  const events = new QueueEvents("campaigns", { connection, prefix: "{qunfa}" });
  // Every job that is waited for listens to it.
  queues.campaigns.setMaxListeners(0);
  await events.waitUntilReady();

  const startWorker = async (more: Record<string, string> = {}) =>
    (await start("dist/workers/main.js", "The worker is ready", more)).process;
  /** Results go to the one that was started last. */
  const startServer = async (more: Record<string, string> = {}) => {
    const { process, line } = await start("dist/src/main.js", "The server is ready", { PORT: "0", ...more });
    wechat.callTo(String(line.url));
    return { process, url: String(line.url) };
  };
  const { url } = await startServer();
  for (let count = 0; count < workers; count++) await startWorker();

  const contract = createContract(JSON.parse((await ask(url, "/openapi.json")).text));
  /** Each answer is held against the server's own description. */
  const call = async (method: "GET" | "POST", path: string, body?: string): Promise<Answer> => {
    const type = body && "application/json";
    const answer = await ask(url, path, { method, ...(body && { body, headers: { "content-type": type } }) });
    contract.hold({ method, path, type, body }, answer);
    return answer;
  };
  const get = async <Body>(path: string): Promise<Body> => JSON.parse((await call("GET", path)).text) as Body;
  const show = (id: string) => get<Shown>(`/v1/campaigns/${id}`);
  const post = async (path: string, json?: object): Promise<Posted> => {
    const { status, text } = await call("POST", path, json && JSON.stringify(json));
    return { status, ...(JSON.parse(text) as object) };
  };

  return {
    /** To look at what is stored, as an operator would with redis-cli. */
    client,
    settings,
    wechat,
    queues,
    events,
    url,
    show,
    get,
    post,
    /** What became of one person in a campaign. */
    fateOf: (id: string, openid: string) =>
      get<{ outcome: string; batch: number | null }>(`/v1/campaigns/${id}/recipients/${openid}`),
    /** A person's move: pause, resume or cancel. */
    move: (move: string, id: string) => post(`/v1/campaigns/${id}/${move}`),
    moveAccount: (move: string, id: string) => post(`/v1/accounts/${id}/${move}`),
    startWorker,
    startServer,
    batches: async (id: string) =>
      (await get<{ items?: ShownBatch[] }>(`/v1/campaigns/${id}/batches`)).items ?? [],
    /** The workers that still run, oldest first. */
    workers: () => running.slice(1).filter((process) => !process.hasEnded()),
    desk: (id: string): Desk => wechat.desk(id),

    /** One BullMQ job, as any producer would add it. The message names the campaign. */
    add: (
      id: string,
      account: string,
      openids: readonly unknown[],
      more: object = {},
      options: JobsOptions = {},
    ): Promise<Job> =>
      queues.campaigns.add(
        "campaign",
        { account, message: messageOf(id), audience: { type: "openids", openids }, ...more },
        { jobId: id, ...options },
      ),
    report: (job: Job, timeoutMs = 60_000): Promise<Report> =>
      job.waitUntilFinished(events, timeoutMs) as Promise<Report>,
    /** The campaign as HTTP shows it, once it looks so. */
    async shown(id: string, fits: (shown: Shown) => boolean, timeoutMs = 20_000): Promise<Shown> {
      let last: Shown | undefined;
      const look = async () => {
        last = await show(id).catch(() => undefined);
        return last?.state !== undefined && fits(last) && last;
      };
      return until(look, { timeoutMs, describe: () => ({ waitsFor: String(fits), sees: last }) });
    },

    /** The reconciler has run, from its start to its end, after this was asked. */
    async reconciled(): Promise<void> {
      const asked = Date.now();
      const begun = async () => (await queues.reconcile.getCompleted(0, 0))[0]?.processedOn ?? 0;
      await until(async () => (await begun()) > asked);
    },

    /** All that server and workers have written. */
    logs: () => running.map((process) => process.output()).join(""),

    /** What must hold after every story: no rule of WeChat broken, no bug logged, no OpenID and no secret in a log. */
    expectClean({ errors = false } = {}): void {
      expect(wechat.violations()).toEqual([]);
      for (const process of running) {
        if (!errors) expect(process.lines().filter(({ level = 0 }) => level >= 50)).toEqual([]);
        for (const word of ["oStory", ...secrets()]) expect(process.output()).not.toContain(word);
      }
    },
    async close(): Promise<void> {
      await Promise.all(running.map((process) => process.stop()));
      await client.quit();
      await events.close();
      await Promise.all(Object.values(queues).map((queue) => queue.close()));
      await wechat.close();
      await place.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Text beyond ASCII: WeChat takes raw UTF-8 alone. */
export function messageOf(id: string) {
  return { msgtype: "text", text: { content: `「${id}」群发 “ciao” \n 🎉` } };
}

/** So many OpenIDs of 28 characters, no two the same. */
export function people(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, index) => `oStory_${String(from + index).padStart(21, "0")}`);
}

/** Every one of them got this campaign's message once, and nobody else did. */
export function expectOnce(desk: Desk, id: string, openids: readonly string[]): void {
  const received = desk.books.received(`「${id}」`);
  expect([...received.values()].filter((times) => times !== 1)).toEqual([]);
  expect([...received.keys()].sort()).toEqual([...openids].sort());
}

/** The report's two sums of CONTRACT section 4, and its counts against WeChat's own books. */
export function expectTrue(desk: Desk, id: string, { audience, batches, recipients }: Report): void {
  const { received, invalid, duplicate, excluded, capped, admitted } = audience;
  expect(received).toBe(invalid + duplicate + excluded + capped + admitted);
  expect(batches.planned).toBe(batches.succeeded + batches.failed + batches.needsReview + batches.canceled);
  expect(recipients).toEqual(desk.books.recipients(`「${id}」`));
}
