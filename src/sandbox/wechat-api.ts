import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import type { Clock } from "../clock.ts";
import { type Api, apis, dailyCallsOf, pathOf, verbOf } from "./api.ts";
import { readBody } from "./body.ts";
import { type Answer, type Call, type Handle, toAnswer } from "./call.ts";
import type { Faults } from "./faults.ts";
import { respond, spoil, takesEffect } from "./interference.ts";
import { errcodeOf, type Reply, refuse } from "./refusal.ts";
import type { Requests } from "./requests.ts";
import type { Schedule } from "./schedule.ts";
import { looksLikeToken } from "./tokens.ts";
import { readUpload } from "./upload.ts";
import type { AccountWorld, World } from "./world.ts";

type Tokenless = (call: Call) => Reply;
/** The calls that carry no token. */
export type OpenApi = "token" | "stable_token" | "clear_quota/v2";
export type Rooms = Readonly<Record<OpenApi, Tokenless>> & Readonly<Record<Exclude<Api, OpenApi>, Handle>>;

const isOpen = (api: Api): api is OpenApi =>
  api === "token" || api === "stable_token" || api === "clear_quota/v2";

/** The calls of api.weixin.qq.com that the sandbox knows, each answered in its room; any other path is a 404. */
export function createWechatApi(options: {
  world: World;
  rooms: Rooms;
  faults: Faults;
  requests: Requests;
  schedule: Schedule;
  clock: Clock;
  drawLatency: () => number;
}) {
  const { world, rooms, faults, requests, schedule, clock, drawLatency } = options;

  /** For calls that carry a token (WECHAT.md section 1.3); the day's limit counts them whatever comes of them. */
  const withToken = (api: Exclude<Api, OpenApi>, call: Call): Reply | Answer => {
    const token = call.query.access_token ?? "";
    if (token === "") return refuse(41001);
    const account = world.byToken(token);
    if (account === undefined) return refuse(looksLikeToken(token) ? 40001 : 40014);
    const invalid = account.tokens.check(token);
    if (invalid !== undefined) return refuse(invalid);
    const daily = dailyCallsOf(api);
    if (daily !== undefined && account.quotas.calls.add(api) > daily) return refuse(45009);
    return rooms[api](account, call);
  };

  const accountOf = ({ query, body }: Call): AccountWorld | undefined =>
    world.byToken(query.access_token ?? "") ??
    world.byAppid(query.appid ?? (body.ok ? body.value.appid : undefined));

  const perform = (api: Api, call: Call, usedVerb: string): Answer => {
    const verb = verbOf(api);
    if (verb !== "any" && usedVerb !== verb) return toAnswer(refuse(verb === "GET" ? 43001 : 43002));
    return toAnswer(isOpen(api) ? rooms[api](call) : withToken(api, call));
  };

  const answerCall = async (
    api: Api,
    { req, env }: Context<{ Bindings: HttpBindings }>,
  ): Promise<Response> => {
    const bytes = new Uint8Array(await req.arrayBuffer());
    const upload = await readUpload(bytes, req.header("Content-Type") ?? "");
    const call: Call = { query: req.query(), body: readBody(upload ? new Uint8Array() : bytes), upload };
    const account = accountOf(call);
    account?.books.addArrival(api);
    const fault = faults.takeForCall(account?.account.id, api);
    await schedule.wait(drawLatency());

    if (fault?.fault === "token-invalid") account?.tokens.invalidate(call.query.access_token ?? "");
    const answer = takesEffect(fault) ? perform(api, call, req.method) : undefined;
    // What never took effect has an errcode only where the fault is one.
    const errcode = answer === undefined ? fault?.errcode : errcodeOf(answer.reply);
    if (errcode !== undefined) account?.books.addCall(api, clock.now(), errcode, clientmsgidOf(call));
    requests.add({
      at: clock.now(),
      method: req.method,
      path: req.path,
      account: account?.account.id,
      bytes,
      body: call.body,
      fault: fault?.fault,
      errcode,
    });

    await answer?.beforeReply();
    if (fault?.fault === "delay") await schedule.wait(fault.ms ?? 0);
    if (answer !== undefined) whenOut(env, answer.afterReply);
    return fault === undefined ? respond(answer?.reply ?? refuse(-1)) : spoil(fault, answer?.reply, env);
  };

  const app = new Hono<{ Bindings: HttpBindings }>();
  for (const api of apis) app.all(pathOf(api), (context) => answerCall(api, context));
  return app;
}

function clientmsgidOf({ body }: Call): string | undefined {
  const given = body.ok ? body.value.clientmsgid : undefined;
  return typeof given === "string" ? given : undefined;
}

/** Runs once the response is written, or lost with its connection. */
function whenOut({ outgoing }: HttpBindings, act: () => void): void {
  if (outgoing.destroyed) act();
  else outgoing.once("close", act);
}
