import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { json, spoil } from "./strict-answer.ts";
import { createBooks, type Sent } from "./strict-books.ts";
import { answerPeople, createPeople, membersOf } from "./strict-followers.ts";
import { finishXml, type HttpAnswer, httpRequest, type PushAccount, sealPush } from "./strict-push.ts";
import { readJson, readSendAllBody, readSendBody } from "./strict-rules.ts";
import { createStrictTokens } from "./strict-tokens.ts";

/**
 * A WeChat of the tests' own, written from WECHAT.md and not from src/sandbox: strict about every rule of
 * a request, keeping books of who got what how often, and behaving call by call as a test tells it.
 */

export type Refusal = { readonly errcode: number; readonly errmsg?: string; readonly msg_id?: string };

/** How the answer goes out: as it should, as an error, not as JSON, cut in the middle, or never. */
export type Answer = "ok" | "html" | "bad-gateway" | "half" | "cut" | Refusal;

export type Result = {
  readonly status?: string;
  /** Total, filter, sent and error count; by default all of them reached but for a few. */
  readonly counts?: readonly [total: number, filter: number, sent: number, error: number];
  /** Pushed before the reply, so many milliseconds after it (default 0), or never. */
  readonly when?: "before" | "never" | number;
  readonly times?: number;
  /** What mass/get says meanwhile; default SEND_SUCCESS. */
  readonly poll?: "SEND_SUCCESS" | "SENDING" | "SEND_FAIL" | "DELETE";
};

export type Behaviour = {
  /** Whether the message is taken in; by default it is when the answer is "ok". */
  readonly accept?: boolean;
  readonly answer?: Answer;
  /** The answer is held back until then, or so long. */
  readonly until?: Promise<unknown>;
  readonly delayMs?: number;
  /** Called when the answer has gone out. */
  readonly answered?: () => void;
  readonly result?: Result;
};

type Body = Record<string, unknown>;

export type StrictAccount = PushAccount & { readonly secret: string };

export type StrictWechat = Awaited<ReturnType<typeof openStrictWechat>>;
export type Desk = ReturnType<typeof createDesk>;

/** One account's side: its script, its tokens, its books. */
function createDesk(account: StrictAccount, callbackBase: () => string) {
  const books = createBooks();
  const desk = {
    account,
    books,
    ...createStrictTokens(),
    /** What the next calls meet, first come first served; afterwards `usual`. */
    script: [] as Behaviour[],
    usual: {} as Behaviour,
    /** Every call of mass/send, in the order of arrival. */
    calls: [] as { clientmsgid: string; size: number; at: number; errcode: number | null }[],
    inFlight: 0,
    polls: 0,
    ...createPeople(),
    tokenCalls: 0,
    tokenRefusal: undefined as Refusal | undefined,
    violations: [] as string[],
    pushed: [] as HttpAnswer[],

    /** Pushes the result of a send; answers what qunfa answered. */
    async push(sent: Sent, result: Result = sent.result): Promise<HttpAnswer> {
      const [total, filter, sentCount, error] = result.counts ?? usualCounts(sent.touser.length);
      const counts = { total, filter, sent: sentCount, error };
      books.note(sent, { status: result.status ?? "send success", counts });
      return desk.post(finishXml({ msgId: sent.msgId, status: result.status ?? "send success", counts }));
    },
    async post(xml: string): Promise<HttpAnswer> {
      const { query, body } = sealPush(account, xml);
      const url = `${callbackBase()}/wechat/${account.id}/callback?${query}`;
      const headers = { "content-type": "text/xml" };
      const answer = await httpRequest(url, { method: "POST", body, headers });
      desk.pushed.push(answer);
      return answer;
    },
  };
  return desk;
}

/** The shortest wait that CONTRACT section 2 lets an environment ask for, but for the clocks' grain. */
const SOONEST_REPEAT_MS = 95;

/** Whether a caller that got this, or nothing, can't know what its call did. */
function isUnsure(errcode: number | null): boolean {
  return errcode === null || errcode === 0 || errcode === -1 || errcode === 45066;
}

/** Every seventh is filtered, every fifth of a hundred fails: figures that no two batches share by luck. */
function usualCounts(total: number): [number, number, number, number] {
  const filter = total - Math.floor(total / 7);
  const error = Math.floor(filter / 20);
  return [total, filter, filter - error, error];
}

export async function openStrictWechat(accounts: readonly StrictAccount[]) {
  let callbackBase = "";
  let messages = 0n;
  const desks = new Map(accounts.map((account) => [account.id, createDesk(account, () => callbackBase)]));
  const pending = new Set<Promise<unknown>>();
  const byToken = (given: string | null) => [...desks.values()].find((desk) => desk.isValid(given));

  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      for (const desk of desks.values())
        desk.violations.push(`strict-wechat itself failed: ${String(error)}`);
      response.destroy();
    });
  });
  server.keepAliveTimeout = 200;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks);
    const url = new URL(request.url ?? "", "http://wechat");
    if (url.pathname === "/cgi-bin/stable_token") {
      const given = tokenAnswer(request, raw);
      return given === "cut" ? spoil(response, given, {}) : json(response, given);
    }

    const desk = byToken(url.searchParams.get("access_token"));
    const names = [...url.searchParams.keys()].filter((name) => name !== "next_openid");
    const lone = names.join() === "access_token";
    // Which account a dead token belonged to is not known; no rule but its own is checked then.
    if (!desk) return json(response, { errcode: lone ? 40001 : 41001, errmsg: "invalid credential" });
    if (!lone) desk.violations.push(`query ${[...url.searchParams.keys()].join()}`);
    if (/^\/cgi-bin\/message\/mass\/send(all)?$/.test(url.pathname))
      return massSend(desk, request, raw, response);
    if (url.pathname === "/cgi-bin/message/mass/get") return json(response, pollAnswer(desk, request, raw));
    if (answerPeople(desk, { url, method: request.method, raw }, response)) return;
    desk.violations.push(`no such endpoint: ${url.pathname}`);
    json(response, { errcode: 404, errmsg: "no such endpoint" });
  }

  function tokenAnswer(request: IncomingMessage, raw: Buffer): Body | "cut" {
    const wrong: string[] = [];
    const body = readJson(request.method, raw, (rule) => wrong.push(rule));
    const desk = [...desks.values()].find(({ account }) => account.appid === body.appid);
    if (!desk) return { errcode: 40013, errmsg: "invalid appid" };
    desk.tokenCalls += 1;
    desk.violations.push(...wrong);
    if (body.grant_type !== "client_credential") desk.violations.push("40002: grant_type");
    if (body.secret !== desk.account.secret) return { errcode: 40125, errmsg: "invalid appsecret" };
    if (desk.tokenRefusal) return { errmsg: "refused", ...desk.tokenRefusal };
    const force = body.force_refresh === true;
    const lost = force ? desk.lostForces.shift() : undefined;
    if (lost?.refreshes !== false) desk.giveToken(force);
    return lost ? "cut" : { access_token: desk.giveToken(false), expires_in: 7200 };
  }

  async function massSend(desk: Desk, request: IncomingMessage, raw: Buffer, response: ServerResponse) {
    const wrong: string[] = [];
    const note = (rule: string) => void wrong.push(rule);
    const asked = readJson(request.method, raw, note);
    const toAll = request.url?.includes("/sendall") ?? false;
    const body = toAll ? readSendAllBody(asked, membersOf(desk), note) : readSendBody(asked, note);
    if (desk.inFlight > 0) wrong.push("two sends of one account at once");
    desk.inFlight += 1;
    response.once("close", () => {
      desk.inFlight -= 1;
    });
    const call = {
      clientmsgid: body.clientmsgid,
      size: body.touser.length,
      at: Date.now(),
      errcode: null as number | null,
    };
    const last = desk.calls.findLast(({ clientmsgid }) => clientmsgid === body.clientmsgid);
    if (last && isUnsure(last.errcode) && call.at - last.at < SOONEST_REPEAT_MS)
      wrong.push(`45066: the same clientmsgid again after ${call.at - last.at} ms`);
    desk.calls.push(call);

    const digest = createHash("sha256").update(raw).digest("hex");
    if (desk.books.isOther(body.clientmsgid, digest)) wrong.push("the same clientmsgid with another body");
    desk.violations.push(...wrong);
    if (wrong.length > 0) return json(response, { errcode: 47003, errmsg: wrong.join("; ") });

    const {
      answer: reply = "ok",
      accept = reply === "ok",
      until,
      delayMs = 0,
      answered,
      result = {},
    } = desk.script.shift() ?? desk.usual;
    const known = desk.books.find(body.clientmsgid);
    const taken =
      known ?? (accept ? desk.books.take({ ...body, digest, msgId: nextMsgId(), result }) : undefined);
    if (!taken) desk.books.seen(body.clientmsgid, digest);
    // Whoever stops waiting for the answer does not undo what was taken in.
    if (until) await Promise.race([until, once(response, "close")]);
    if (delayMs > 0) await sleep(delayMs);
    if (taken && !known && result.when === "before") await pushAll(desk, taken);
    const after = () => {
      answered?.();
      if (taken && !known && typeof (result.when ?? 0) === "number") background(pushLater(desk, taken));
    };
    // The one who asked may be gone by now.
    if (response.destroyed) after();
    else response.once("close", after);
    const success = { errcode: 0, errmsg: "send job submission success", msg_id: taken?.msgId };
    const already = { errcode: 45065, errmsg: "clientmsgid exist rid: 5f1d-2c0b-77aa", msg_id: known?.msgId };
    call.errcode = typeof reply === "object" ? reply.errcode : reply === "ok" ? (known ? 45065 : 0) : null;
    if (typeof reply === "object")
      return json(response, { errmsg: "refused rid: 64f1a2b3-0c11-22dd", ...reply });
    if (reply === "ok") return json(response, known ? already : success);
    spoil(response, reply, success);
  }

  function pollAnswer(desk: Desk, request: IncomingMessage, raw: Buffer): Body {
    const { msg_id: msgId } = readJson(request.method, raw, (rule) => desk.violations.push(rule));
    desk.polls += 1;
    const sent = desk.books.byMsgId(String(msgId));
    if (!sent) {
      desk.violations.push(`mass/get of an unknown msg_id ${String(msgId)}`);
      return { errcode: 40059, errmsg: "invalid msg id" };
    }
    return { msg_id: sent.msgId, msg_status: sent.result.poll ?? "SEND_SUCCESS" };
  }

  async function pushLater(desk: Desk, sent: Sent): Promise<void> {
    const { when } = sent.result;
    if (typeof when === "number" && when > 0) await sleep(when);
    await pushAll(desk, sent);
  }

  async function pushAll(desk: Desk, sent: Sent): Promise<void> {
    for (let time = 0; time < (sent.result.times ?? 1); time++) await desk.push(sent);
  }

  function background(work: Promise<unknown>): void {
    const tracked = work.catch(() => {}).finally(() => pending.delete(tracked));
    pending.add(tracked);
  }

  /** Beyond 2^53, where a careless JSON reader rounds (WECHAT.md, common transport rules). */
  function nextMsgId(): string {
    messages += 1n;
    return String(90_071_992_547_409_931n + 2n * messages);
  }

  async function leave(): Promise<void> {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    /** Where results are pushed to: qunfa's server. */
    callTo: (base: string) => {
      callbackBase = base;
    },
    desk(id: string): Desk {
      const desk = desks.get(id);
      if (!desk) throw new Error(`the strict WeChat has no account ${id}`);
      return desk;
    },
    violations: () =>
      [...desks.values()].flatMap((desk) => desk.violations.map((rule) => `${desk.account.id}: ${rule}`)),
    /** Nobody listens any more: connections are refused until it comes back to the same port. */
    leave,
    async comeBack(): Promise<void> {
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
    },
    async close(): Promise<void> {
      await Promise.all(pending);
      if (server.listening) await leave();
    },
  };
}
