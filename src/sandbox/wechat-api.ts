import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import type { Clock } from "../clock.ts";
import { readBody } from "./body.ts";
import { type Answer, type Call, toAnswer } from "./call.ts";
import type { Api, Faults } from "./faults.ts";
import { respond, spoil, takesEffect } from "./interference.ts";
import type { Mass } from "./mass.ts";
import { errcodeOf, type Reply, refuse } from "./refusal.ts";
import type { Requests } from "./requests.ts";
import type { Schedule } from "./schedule.ts";
import { createTokenCalls } from "./token-calls.ts";
import { looksLikeToken } from "./tokens.ts";
import { describeUsers, listFollowers } from "./user-calls.ts";
import type { AccountWorld, World } from "./world.ts";

type Route = { api: Api; path: string; method: "GET" | "POST"; handle: (call: Call) => Reply | Answer };

/** The calls of api.weixin.qq.com that the sandbox knows; any other path is a 404. */
export function createWechatApi(options: {
  world: World;
  mass: Mass;
  faults: Faults;
  requests: Requests;
  schedule: Schedule;
  clock: Clock;
  drawLatency: () => number;
}) {
  const { world, mass, faults, requests, schedule, clock, drawLatency } = options;
  const tokenCalls = createTokenCalls(world);

  /** For calls that carry a token (WECHAT.md section 1.3). */
  const withToken =
    (handle: (account: AccountWorld, call: Call) => Reply | Answer) =>
    (call: Call): Reply | Answer => {
      const token = call.query.access_token ?? "";
      if (token === "") return refuse(41001);
      const account = world.byToken(token);
      if (account === undefined) return refuse(looksLikeToken(token) ? 40001 : 40014);
      const invalid = account.tokens.check(token);
      return invalid === undefined ? handle(account, call) : refuse(invalid);
    };

  const routes: Route[] = [
    { api: "token", path: "/token", method: "GET", handle: tokenCalls.token },
    { api: "stable_token", path: "/stable_token", method: "POST", handle: tokenCalls.stableToken },
    { api: "mass/send", path: "/message/mass/send", method: "POST", handle: withToken(mass.send) },
    { api: "mass/get", path: "/message/mass/get", method: "POST", handle: withToken(mass.get) },
    { api: "user/get", path: "/user/get", method: "GET", handle: withToken(listFollowers) },
    {
      api: "user/info/batchget",
      path: "/user/info/batchget",
      method: "POST",
      handle: withToken(describeUsers),
    },
  ];

  const accountOf = ({ query, body }: Call): AccountWorld | undefined =>
    world.byToken(query.access_token ?? "") ??
    world.byAppid(query.appid ?? (body.ok ? body.value.appid : undefined));

  const perform = ({ handle, method }: Route, call: Call, usedMethod: string): Answer => {
    const answer = usedMethod === method ? handle(call) : refuse(method === "GET" ? 43001 : 43002);
    return toAnswer(answer);
  };

  const answerCall = async (
    route: Route,
    { req, env }: Context<{ Bindings: HttpBindings }>,
  ): Promise<Response> => {
    const bytes = new Uint8Array(await req.arrayBuffer());
    const call: Call = { query: req.query(), body: readBody(bytes) };
    const account = accountOf(call);
    account?.books.addArrival(route.api);
    const fault = faults.takeForCall(account?.account.id, route.api);
    await schedule.wait(drawLatency());

    if (fault?.fault === "token-invalid") account?.tokens.invalidate(call.query.access_token ?? "");
    const answer = takesEffect(fault) ? perform(route, call, req.method) : undefined;
    // What never took effect has an errcode only where the fault is one.
    const errcode = answer === undefined ? fault?.errcode : errcodeOf(answer.reply);
    if (errcode !== undefined) account?.books.addCall(route.api, clock.now(), errcode, clientmsgidOf(call));
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

  const api = new Hono<{ Bindings: HttpBindings }>();
  for (const route of routes) api.all(route.path, (context) => answerCall(route, context));
  return api;
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
