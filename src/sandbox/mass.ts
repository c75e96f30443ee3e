import { createHash } from "node:crypto";
import { readId } from "./body.ts";
import type { Answer, Call } from "./call.ts";
import type { Faults } from "./faults.ts";
import type { Jobs } from "./jobs.ts";
import { beginningOf, checkContent, checkOptions, checkRecipients, readMessage } from "./message.ts";
import { type Reply, refuse } from "./refusal.ts";
import type { Settings } from "./settings.ts";
import type { AccountWorld } from "./world.ts";

type Limits = Pick<Settings, "callsPerMinute" | "sendCallsPerDay">;

export type Mass = ReturnType<typeof createMass>;

/** `mass/send` and `mass/get` (WECHAT.md sections 2.3 and 2.6), their checks in the order of section 13.2. */
export function createMass({ limits, faults, jobs }: { limits: Limits; faults: Faults; jobs: Jobs }) {
  const minuteIsSpent = ({ quotas }: AccountWorld) => quotas.minute.add("mass") > limits.callsPerMinute;

  /** Accepted messages against 45028, calls of any outcome against 45009; the same number bounds both. */
  const checkDay = ({ quotas }: AccountWorld): number | undefined => {
    if (quotas.day.get("accepted") >= limits.sendCallsPerDay) return 45028;
    return quotas.day.get("mass/send") > limits.sendCallsPerDay ? 45009 : undefined;
  };

  return {
    send(world: AccountWorld, { body }: Call): Reply | Answer {
      const { account, quotas, duplicates } = world;
      if (account.kind !== "service") return refuse(48001);
      if (minuteIsSpent(world)) return refuse(45011);
      quotas.day.add("mass/send");
      if (!body.ok) return refuse(body.errcode);

      const request = body.value;
      const message = readMessage(request);
      if (typeof message === "number") return refuse(message);
      const wrong = checkRecipients(request.touser) ?? checkContent(message) ?? checkOptions(request);
      if (wrong !== undefined) return refuse(wrong);

      const touser = request.touser as string[];
      const clientmsgid = (request.clientmsgid as string | undefined) || undefined;
      const key = clientmsgid ?? digest([touser, message]);
      const repeated = duplicates.check(key, { named: clientmsgid !== undefined });
      if (repeated !== undefined) return repeated;
      const spent = checkDay(world);
      if (spent !== undefined) return refuse(spent);

      quotas.day.add("accepted");
      const accepted = { msgtype: message.msgtype, text: beginningOf(message), touser, clientmsgid };
      const { msgId, msgDataId, ...moments } = jobs.accept(world, accepted, faults.takeForJob(account.id));
      duplicates.accept(key, msgId);
      const article = message.msgtype === "mpnews" ? { msg_data_id: msgDataId } : {};
      const reply = { errcode: 0, errmsg: "send job submission success", msg_id: msgId, ...article };
      return { reply, ...moments };
    },

    get(world: AccountWorld, { body }: Call): Reply {
      if (minuteIsSpent(world)) return refuse(45011);
      if (!body.ok) return refuse(body.errcode);
      const msgId = readId(body.text, "msg_id");
      const job = msgId === undefined ? undefined : world.books.find(msgId);
      return job === undefined ? refuse(40059) : { msg_id: job.msgId, msg_status: job.status };
    },
  };
}

/** Stands in for a clientmsgid that was not given (WECHAT.md section 3). Cannot be one: it is longer. */
function digest(what: unknown): string {
  return createHash("sha256").update(JSON.stringify(what)).digest("hex");
}
