import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished } from "vitest";
import { demoAccount } from "../../src/sandbox/demo-account.ts";
import { followerOpenid } from "../../src/sandbox/followers.ts";
import { openSandbox, type SandboxOptions } from "../../src/sandbox/server.ts";
import { createTestClock } from "../support/clock.ts";
import { until } from "../support/until.ts";

export type Json = Record<string, unknown>;
export type Rig = Awaited<ReturnType<typeof openRig>>;

/** Noon in Beijing, in the middle of a month. */
export const noon = Date.parse("2026-11-15T12:00:00+08:00");

export const followers = (from: number, to: number, account = "demo") =>
  Array.from({ length: to - from }, (_, index) => followerOpenid(account, from + index));

/** A sandbox of its own for one test, with a clock to turn and a receiver for its callbacks. */
export async function openRig(options: Omit<SandboxOptions, "clock" | "port"> = {}) {
  const clock = createTestClock(noon);
  const receiver = await openReceiver();
  const sandbox = await openSandbox({
    port: 0,
    clock,
    latencyMs: [0, 0],
    callbackDelayMs: [0, 0],
    callbackRetryMs: 0,
    followers: 50,
    callbackBase: receiver.url,
    ...options,
  });
  onTestFinished(() => sandbox.close());

  const ask = async (path: string, init?: RequestInit): Promise<Json> => {
    const response = await fetch(sandbox.url + path, init);
    return (await response.json()) as Json;
  };
  const post = (path: string, body: unknown) =>
    ask(path, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) });

  const token = async (account: { appid: string; secret: string } = demoAccount): Promise<string> => {
    const { appid, secret } = account;
    const reply = await post("/cgi-bin/stable_token", { grant_type: "client_credential", appid, secret });
    return String(reply.access_token);
  };

  /** A call with a token: POST with a body, GET without. */
  const call = async (api: string, body?: unknown, account?: { appid: string; secret: string }) => {
    const path = `/cgi-bin/${api}${api.includes("?") ? "&" : "?"}access_token=${await token(account)}`;
    return body === undefined ? ask(path) : post(path, body);
  };

  /** A file in the form field `media`, as the SDKs post it. */
  const upload = async (api: string, file: Uint8Array<ArrayBuffer>, fields: Record<string, string> = {}) => {
    const form = new FormData();
    form.set("media", new Blob([file]), "file.bin");
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    const path = `/cgi-bin/${api}${api.includes("?") ? "&" : "?"}access_token=${await token()}`;
    return ask(path, { method: "POST", body: form });
  };

  const article = async (change: Json = {}): Promise<Json> => {
    const { media_id: cover } = await upload("material/add_material?type=thumb", fileOf("jpg"));
    return { title: "标题", content: "<p>正文</p>", thumb_media_id: cover, ...change };
  };

  let sends = 0;
  const message = (change: Json = {}): Json => {
    sends += 1;
    const text = { content: `第 ${sends} 封` };
    return { touser: followers(0, 3), msgtype: "text", text, clientmsgid: `send-${sends}`, ...change };
  };

  return {
    sandbox,
    receiver,
    ask,
    post,
    token,
    call,
    upload,
    article,
    /** The media_id of a draft of so many articles. */
    async draft(count = 1): Promise<string> {
      const articles = await Promise.all(Array.from({ length: count }, () => article()));
      return String((await call("draft/add", { articles })).media_id);
    },
    message,
    advance: clock.advance,
    /** A good message, but for what is changed about it; or any body as a string. */
    async send(change: Json | string = {}, account?: { appid: string; secret: string }): Promise<Json> {
      const body = typeof change === "string" ? change : message(change);
      return post(`/cgi-bin/message/mass/send?access_token=${await token(account)}`, body);
    },
    /** A good message to all, but for what is changed about it. */
    async sendall(change: Json = {}, account?: { appid: string; secret: string }): Promise<Json> {
      const { touser: _, ...rest } = message(change);
      return call("message/mass/sendall", { filter: { is_to_all: true }, ...rest }, account);
    },
    async poll(msgId: unknown): Promise<Json> {
      return post(`/cgi-bin/message/mass/get?access_token=${await token()}`, { msg_id: msgId });
    },
    fault: (fault: Json) => post("/sandbox/faults", fault),
    async job(msgId: unknown): Promise<Json & { counts: Json; callbacks: Json[] }> {
      const { jobs } = (await ask("/sandbox/books/demo")) as { jobs: Json[] };
      const found = jobs.find((job) => job.msg_id === String(msgId));
      expect(found).toBeDefined();
      return found as Json & { counts: Json; callbacks: Json[] };
    },
  };
}

const beginnings = {
  jpg: "ffd8ffe0",
  png: "89504e470d0a1a0a",
  gif: "474946383961",
  bmp: "424d",
  mp3: "494433",
  amr: "2321414d52",
  wav: "524946460000000057415645",
  wma: "3026b275",
  mp4: "0000001866747970",
  pdf: "25504446",
};

/** A file that begins as one of its kind does, and is empty of sense. */
export function fileOf(kind: keyof typeof beginnings, bytes = 100): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(bytes);
  file.set(Buffer.from(beginnings[kind], "hex"));
  return file;
}

/** Takes callbacks as an account's server would; `answers` are used up first, then it says `success`. */
export async function openReceiver() {
  const requests: { url: URL; headers: Record<string, unknown>; body: string }[] = [];
  const answers: ({ status: number; text: string } | "silence")[] = [];
  const server = createServer(async (incoming, outgoing) => {
    let body = "";
    for await (const chunk of incoming.setEncoding("utf8")) body += chunk;
    requests.push({ url: new URL(incoming.url ?? "", "http://receiver"), headers: incoming.headers, body });
    const answer = answers.shift() ?? { status: 200, text: "success" };
    if (answer !== "silence") outgoing.writeHead(answer.status).end(answer.text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    requests,
    answers,
    /** The callback number `count`, once it is there. */
    async callback(count = 1) {
      await until(() => requests.length >= count);
      const request = requests[count - 1];
      if (request === undefined) throw new Error("no callback");
      return request;
    },
  };
}

/** The text of one node of an XML body. */
export function node(xml: string, name: string): string | undefined {
  const found = new RegExp(`<${name}>(?:<!\\[CDATA\\[)?([^]*?)(?:\\]\\]>)?</${name}>`).exec(xml);
  return found?.[1];
}
