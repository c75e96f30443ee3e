import { Queue, QueueEvents } from "bullmq";
import { Report } from "../../src/campaign/report.ts";
import { Failure } from "../../src/failure.ts";
import { followerOpenid } from "../../src/sandbox/followers.ts";
import type { SoakStack } from "./stack.ts";

const PREFIX = "{qunfa}";
const PEOPLE_MIN = 3;
const PEOPLE_SPAN = 48;

type Trouble = { readonly every: number; readonly fault?: object; readonly move?: readonly string[] };

/**
 * What WeChat is told to do wrong, or a person does, with one campaign in so many. An account has refusals or
 * answers that are lost, never both: a refusal of a call in doubt is a person's, and stays for ever.
 */
const anywhere: readonly Trouble[] = [
  { every: 5, fault: { fault: "no-callback" } },
  { every: 7, fault: { fault: "err", err: 20001 } },
  { every: 17, fault: { fault: "double-callback" } },
];
const refusing: readonly Trouble[] = [
  ...anywhere,
  { every: 6, fault: { fault: "errcode", errcode: 40008 } },
  { every: 11, move: ["cancel"] },
  { every: 13, move: ["pause", "resume"] },
];
const losing: readonly Trouble[] = [
  ...anywhere,
  { every: 8, fault: { fault: "answer-lost" } },
  { every: 9, fault: { fault: "errcode", errcode: -1 } },
];

/** Adds small campaigns as any producer would, and knows when each has its end. */
export async function openCampaigns(stack: SoakStack, accounts: readonly string[]) {
  const options = { connection: { url: stack.redisUrl }, prefix: PREFIX };
  const queue = new Queue("campaigns", options);
  const events = new QueueEvents("campaigns", options);
  await events.waitUntilReady();
  const ends = new Map<string, (state: string) => void>();
  const end = (id: string, state: string) => {
    ends.get(id)?.(state);
    ends.delete(id);
  };
  events.on("completed", ({ jobId, returnvalue }) => end(jobId, Report.parse(returnvalue).state));
  events.on("failed", ({ jobId, failedReason }) => end(jobId, failedReason));

  return {
    /** One campaign from its job to its end; answers its state. */
    async run(number: number): Promise<string> {
      const id = `soak-${number}`;
      const place = number % accounts.length;
      const round = Math.floor(number / accounts.length);
      const account = accounts[place] ?? "";
      const possible = place % 2 === 0 ? refusing : losing;
      const troubles = possible.filter(({ every }) => (round + place) % every === every - 1);
      for (const { fault } of troubles)
        if (fault) await post(`${stack.sandboxUrl}/sandbox/faults`, { account, ...fault });
      const ended = new Promise<string>((resolve) => ends.set(id, resolve));
      const audience = { type: "openids", openids: peopleOf(account, round) };
      const message = { msgtype: "text", text: { content: `「${id}」` } };
      await queue.add("campaign", { account, name: id, message, audience }, { jobId: id });
      // Whatever the move meets, it is one that a person may try.
      for (const move of troubles.flatMap(({ move = [] }) => move))
        await post(`${stack.url}/v1/campaigns/${id}/${move}`);
      return ended;
    },

    async close(): Promise<void> {
      await events.close();
      await queue.close();
    },
  };
}

/** 3 to 50 followers of the sandbox, others each time: nobody gets more in a month than the cap. */
function peopleOf(account: string, round: number): string[] {
  const first = round * (PEOPLE_MIN + PEOPLE_SPAN);
  const count = PEOPLE_MIN + ((round * 7) % PEOPLE_SPAN);
  return Array.from({ length: count }, (_, at) => followerOpenid(account, first + at));
}

async function post(url: string, body: object = {}): Promise<void> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (answer.status >= 500) throw new Failure("INTERNAL", `${url} answered ${answer.status}`);
  await answer.body?.cancel();
}
