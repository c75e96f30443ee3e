import { z } from "zod";
import { type Api, apis } from "./api.ts";

/** What can go wrong with a call's answer. Where `accepted` can be set, it says whether the call takes effect. */
const replyFaults = [
  "answer-lost",
  "reset",
  "errcode",
  "http-502",
  "html",
  "delay",
  "token-invalid",
] as const;

/** What can go wrong with a job after mass/send or mass/sendall accepted it. */
const jobFaults = [
  "err",
  "send-fail",
  "reprint",
  "reprint-forbidden",
  "originality-down",
  "stuck",
  "deleted",
  "no-callback",
  "double-callback",
  "callback-before-reply",
  "callback-after",
  "padded-callback",
  "bare-callback",
] as const;

export const faultNames = [...replyFaults, ...jobFaults];

type JobFaultName = (typeof jobFaults)[number];
const isJobFault = (name: string): name is JobFaultName => jobFaults.some((fault) => fault === name);

/** What a fault is told more closely by; it would not heed another's. */
const details = ["errcode", "err", "ms", "copies", "accepted"] as const;
const heeded: Partial<Record<(typeof faultNames)[number], readonly (typeof details)[number][]>> = {
  errcode: ["errcode", "accepted"],
  "http-502": ["accepted"],
  html: ["accepted"],
  delay: ["ms"],
  err: ["err"],
  stuck: ["ms"],
  "double-callback": ["copies"],
  "callback-after": ["ms"],
};

const needed = { errcode: "errcode", err: "err", delay: "ms", "callback-after": "ms" } as const;

function whole(least: number, most = Number.MAX_SAFE_INTEGER) {
  const range = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`;
  const error = `expected a whole number ${range}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}

/** A fault as it is posted. `after` calls pass unharmed, the `times` next ones don't. */
export const FaultRequest = z
  .strictObject({
    account: z.string().optional(),
    api: z.enum(apis, { error: "there is no such call" }).default("mass/send"),
    fault: z.enum(faultNames, { error: "there is no such fault" }),
    errcode: z.number().int().optional(),
    err: whole(0).optional(),
    ms: whole(0, 86_400_000).optional(),
    copies: whole(2, 10).optional(),
    accepted: z.boolean().optional(),
    times: whole(1).default(1),
    after: whole(0).default(0),
  })
  .superRefine((request, context) => {
    const need = Object.entries(needed).find(([name]) => name === request.fault)?.[1];
    if (need !== undefined && request[need] === undefined) {
      context.addIssue({ code: "custom", path: [need], message: `needed by the fault "${request.fault}"` });
    }
    for (const detail of details) {
      if (request[detail] === undefined || heeded[request.fault]?.includes(detail)) continue;
      context.addIssue({ code: "custom", path: [detail], message: `not for the fault "${request.fault}"` });
    }
    if (isJobFault(request.fault) && request.api !== "mass/send" && request.api !== "mass/sendall") {
      context.addIssue({ code: "custom", path: ["api"], message: "this fault is one of a mass message" });
    }
  })
  .transform(({ copies = 2, accepted = false, ...request }) => ({ ...request, copies, accepted }));

export type Fault = z.infer<typeof FaultRequest> & { id: number; seen: number; fired: number };
export type JobFaults = Partial<Record<JobFaultName, Fault>>;

export type Faults = ReturnType<typeof createFaults>;

/** The faults that are waiting for their calls, oldest first. */
export function createFaults() {
  let faults: Fault[] = [];
  let lastId = 0;

  /** The oldest fault of each name that is due at this call; every fault that could have been has seen it. */
  const takeDue = (
    names: readonly string[],
    account: string | undefined,
    api: Api,
    most: number,
  ): Fault[] => {
    const due: Fault[] = [];
    for (const fault of faults) {
      if (!names.includes(fault.fault) || fault.api !== api) continue;
      if (fault.account !== undefined && fault.account !== account) continue;
      fault.seen += 1;
      if (fault.seen <= fault.after || fault.fired === fault.times || due.length === most) continue;
      if (due.some(({ fault: name }) => name === fault.fault)) continue;
      fault.fired += 1;
      due.push(fault);
    }
    return due;
  };

  return {
    add(request: z.infer<typeof FaultRequest>): Fault {
      lastId += 1;
      const fault = { ...request, id: lastId, seen: 0, fired: 0 };
      faults.push(fault);
      return fault;
    },
    list: (): readonly Fault[] => faults,
    clear(): void {
      faults = [];
    },
    /** One at most: two that were posted one after the other strike two calls, one after the other. */
    takeForCall: (account: string | undefined, api: Api): Fault | undefined =>
      takeDue(replyFaults, account, api, 1)[0],
    /** Those of one accepted job, one of each name. */
    takeForJob(account: string, api: "mass/send" | "mass/sendall"): JobFaults {
      const due = takeDue(jobFaults, account, api, jobFaults.length);
      return Object.fromEntries(due.map((fault) => [fault.fault, fault]));
    },
  };
}
