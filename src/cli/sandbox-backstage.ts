import { z } from "zod";
import { Failure } from "../failure.ts";
import { networkReason } from "./network-reason.ts";
import type { SandboxWords } from "./sandbox-words.ts";

const ANSWER_MS = 10_000;

const Books = z.looseObject({
  account: z.string(),
  totals: z.looseObject({
    calls: z.number(),
    accepted: z.number(),
    refused: z.record(z.string(), z.number()),
  }),
  jobs: z.array(
    z.looseObject({
      msg_id: z.string(),
      msgtype: z.string(),
      size: z.number(),
      status: z.string(),
      result: z.string().optional(),
      counts: z.looseObject({ sent: z.number() }).optional(),
      acceptedAt: z.string(),
    }),
  ),
});

const Fault = z.looseObject({
  id: z.number(),
  fault: z.string(),
  api: z.string(),
  account: z.string().optional(),
  seen: z.number(),
  fired: z.number(),
  times: z.number(),
});

const Wrong = z.looseObject({
  errors: z.array(z.object({ path: z.string(), message: z.string() })).default([]),
});

const NoAccount = z.looseObject({ error: z.string(), account: z.string() });

/** What a running sandbox shows behind its stage (docs/sandbox.md); only to its own machine. */
export function createBackstage(base: string, words: Pick<SandboxWords, "away" | "other" | "noAccount">) {
  return {
    async books(account: string | undefined) {
      if (account !== undefined) return [await ask(Books, `/books/${encodeURIComponent(account)}`)];
      return (await ask(z.object({ accounts: z.array(Books) }), "/books")).accounts;
    },
    faults: async () => (await ask(z.object({ faults: z.array(Fault) }), "/faults")).faults,
    /** @throws Failure INVALID_PARAMETER for what is no fault, by the options that say it */
    order: (fault: object) => ask(Fault, "/faults", "POST", fault),
    clear: () => ask(z.undefined(), "/faults", "DELETE"),
  };

  /**
   * @throws Failure NOT_FOUND for an account that the sandbox does not have, FETCH_FAILED where none answers, or what is
   *   none
   */
  async function ask<Value>(
    schema: z.ZodType<Value>,
    path: string,
    method = "GET",
    body?: object,
  ): Promise<Value> {
    const url = `${base.replace(/\/+$/, "")}/sandbox${path}`;
    const response = await fetch(url, {
      ...{ method, redirect: "manual", signal: AbortSignal.timeout(ANSWER_MS) },
      ...(body && { body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      throw new Failure("FETCH_FAILED", words.away(base, networkReason(cause)), { cause });
    });
    // Whatever else listens there may answer anything.
    const json: unknown = await response.json().catch(() => undefined);
    if (response.status === 404 && NoAccount.safeParse(json).success)
      throw new Failure("NOT_FOUND", words.noAccount);
    const wrong = response.status === 422 ? Wrong.safeParse(json).data : undefined;
    if (wrong) {
      const lines = wrong.errors.map(({ path: field, message }) => `${flagOf(field)}: ${message}`);
      throw new Failure("INVALID_PARAMETER", lines.join("; "));
    }
    const told = response.ok ? schema.safeParse(json) : undefined;
    if (told?.success) return told.data;
    const is = response.ok || response.status === 404 ? words.other : `HTTP ${response.status}`;
    throw new Failure("FETCH_FAILED", words.away(base, is));
  }
}

/** The option that a field of a fault comes from. */
function flagOf(field: string): string {
  if (field === "fault") return field;
  return `--${field === "after" ? "skip" : field}`;
}
