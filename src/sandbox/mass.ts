import { createHash } from "node:crypto";
import { readAudience } from "./audience.ts";
import { readId } from "./body.ts";
import type { Answer, Call } from "./call.ts";
import type { Faults } from "./faults.ts";
import type { Jobs } from "./jobs.ts";
import {
  beginningOf,
  checkContent,
  checkOptions,
  checkRecipients,
  type Message,
  mediaIds,
  readMessage,
} from "./message.ts";
import { checkPublishing, countPublishing } from "./publishing.ts";
import { type Reply, refuse } from "./refusal.ts";
import type { Settings } from "./settings.ts";
import type { AccountWorld } from "./world.ts";

type Limits = Pick<Settings, "callsPerMinute" | "sendCallsPerDay"> &
  Partial<Pick<Settings, "massProtection">>;
type MassCall = (world: AccountWorld, call: Call) => Reply | Answer;
type Sending = {
  api: "mass/send" | "mass/sendall";
  request: Readonly<Record<string, unknown>>;
  message: Message;
  openids: readonly string[];
  /** What stands for the audience in the digest of a message without a clientmsgid. */
  audience: unknown;
  toAll: boolean;
};

export type Mass = ReturnType<typeof createMass>;

/**
 * `mass/send`, `mass/sendall` and `mass/get` (WECHAT.md sections 2.2, 2.3 and 2.6), their checks in the order
 * of section 13.2.
 */
export function createMass({ limits, faults, jobs }: { limits: Limits; faults: Faults; jobs: Jobs }) {
  /** The limit that all calls about mass messages share (WECHAT.md section 2.8). */
  const perMinute =
    (handle: MassCall): MassCall =>
    (world, call) =>
      world.quotas.minute.add("mass") > limits.callsPerMinute ? refuse(45011) : handle(world, call);

  const submit = (world: AccountWorld, sending: Sending): Reply | Answer => {
    const { api, request, message, openids, audience, toAll } = sending;
    const { account, duplicates, media } = world;
    const clientmsgid = (request.clientmsgid as string | undefined) || undefined;
    const key = clientmsgid ?? digest([audience, message]);
    const confirmed = toAll && limits.massProtection !== undefined && limits.massProtection !== "off";
    const underWay = jobs.waitingFor(world);
    const repeated = duplicates.check(key, { named: clientmsgid !== undefined });
    if (repeated !== undefined) {
      const waits = repeated.msg_id !== undefined && underWay?.msgId === repeated.msg_id;
      return waits && limits.massProtection === "errcode" ? refuse(89504) : repeated;
    }
    if (confirmed && underWay !== undefined) return refuse(89504);
    const spent = checkPublishing(world, { api, toAll, daily: limits.sendCallsPerDay });
    if (spent !== undefined) return refuse(spent);

    countPublishing(world, toAll);
    const [id = ""] = mediaIds(message.body);
    const article = message.msgtype === "mpnews";
    const accepted = {
      api,
      msgtype: message.msgtype,
      text: beginningOf(message),
      clientmsgid,
      openids,
      toAll,
      confirmed,
      material: id === "" ? undefined : media.materialOf(id),
      articles: article ? media.articlesOf(id) : 0,
      sentBefore: article ? media.wasSentAs(id) : undefined,
      ignoreReprint: request.send_ignore_reprint === 1,
    };
    const { msgId, msgDataId, ...moments } = jobs.accept(world, accepted, faults.takeForJob(account.id, api));
    duplicates.accept(key, msgId);
    if (confirmed && limits.massProtection === "errcode") return { reply: refuse(89505), ...moments };
    const data = article ? { msg_data_id: msgDataId } : {};
    const reply = { errcode: 0, errmsg: "send job submission success", msg_id: msgId, ...data };
    return { reply, ...moments };
  };

  const send: MassCall = (world, { body }) => {
    world.quotas.calls.add("mass/send");
    if (!body.ok) return refuse(body.errcode);
    const request = body.value;
    const message = readMessage(request);
    if (typeof message === "number") return refuse(message);
    const wrong =
      checkRecipients(request.touser) ?? checkContent(message, world.media) ?? checkOptions(request);
    if (wrong !== undefined) return refuse(wrong);
    const openids = request.touser as string[];
    return submit(world, { api: "mass/send", request, message, openids, audience: openids, toAll: false });
  };

  const sendall: MassCall = (world, { body }) => {
    world.quotas.calls.add("mass/sendall");
    if (!body.ok) return refuse(body.errcode);
    const request = body.value;
    const message = readMessage(request, { unknown: 40008, pictures: "many" });
    if (typeof message === "number") return refuse(message);
    const audience = readAudience(request.filter, world);
    if (typeof audience === "number") return refuse(audience);
    const wrong = checkContent(message, world.media) ?? checkOptions(request);
    if (wrong !== undefined) return refuse(wrong);
    const { openids, toAll, tag } = audience;
    return submit(world, { api: "mass/sendall", request, message, openids, audience: { toAll, tag }, toAll });
  };

  const get: MassCall = (world, { body }) => {
    if (!body.ok) return refuse(body.errcode);
    const msgId = readId(body.text, "msg_id");
    const job = msgId === undefined ? undefined : world.books.find(msgId);
    if (job === undefined) return refuse(40059);
    const waits = limits.massProtection === "errcode" && jobs.waitingFor(world) === job;
    return waits ? refuse(89504) : { msg_id: job.msgId, msg_status: job.status };
  };

  const [sendInTurn, sendallInTurn] = [perMinute(send), perMinute(sendall)];
  return {
    perMinute,
    /** For service accounts only. */
    send: (world: AccountWorld, call: Call) =>
      world.account.kind === "service" ? sendInTurn(world, call) : refuse(48001),
    sendall: sendallInTurn,
    get: perMinute(get),
  };
}

/** Stands in for a clientmsgid that was not given (WECHAT.md section 3). Cannot be one: it is longer. */
function digest(what: unknown): string {
  return createHash("sha256").update(JSON.stringify(what)).digest("hex");
}
