import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Fault } from "./faults.ts";
import { type Reply, refuse, toJson } from "./refusal.ts";

const gatewayPage = "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>";
const noticePage = "<!DOCTYPE html><html><body>系统繁忙,请稍后再试</body></html>";

/** Whether a call takes effect although its answer is spoiled. */
export function takesEffect(fault: Fault | undefined): boolean {
  if (fault === undefined) return true;
  const { fault: name, accepted } = fault;
  return accepted || name === "answer-lost" || name === "delay" || name === "token-invalid";
}

/** What goes out instead of the reply. */
export function spoil(fault: Fault, reply: Reply | undefined, bindings: HttpBindings): Response {
  switch (fault.fault) {
    case "answer-lost":
    case "reset":
      bindings.incoming.socket.destroy();
      return RESPONSE_ALREADY_SENT;
    case "http-502":
      return new Response(gatewayPage, { status: 502, headers: { "Content-Type": "text/html" } });
    case "html":
      return new Response(noticePage, { headers: { "Content-Type": "text/html; charset=utf-8" } });
    case "errcode":
      return respond(scriptedRefusal(fault, reply));
    default:
      return respond(reply ?? refuse(-1));
  }
}

/** The Content-Type is the real API's, odd as it is (WECHAT.md, transport rules). */
export function respond(reply: Reply): Response {
  return new Response(toJson(reply), { headers: { "Content-Type": "application/json; encoding=utf-8" } });
}

/** A scripted 45065 of an accepted call names its job, as a real one would. */
function scriptedRefusal({ errcode = -1 }: Fault, reply: Reply | undefined): Reply {
  const known = errcode === 45065 && reply?.msg_id !== undefined;
  return refuse(errcode, known ? { msg_id: reply.msg_id } : {});
}
