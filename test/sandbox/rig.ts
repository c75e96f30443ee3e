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
    message,
    advance: clock.advance,
    /** A good message, but for what is changed about it; or any body as a string. */
    async send(change: Json | string = {}, account?: { appid: string; secret: string }): Promise<Json> {
      const body = typeof change === "string" ? change : message(change);
      return post(`/cgi-bin/message/mass/send?access_token=${await token(account)}`, body);
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
