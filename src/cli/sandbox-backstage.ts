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

/** What a running sandbox shows behind its stage (docs/sandbox.md); only to its own machine. */
export function createBackstage(base: string, words: Pick<SandboxWords, "away" | "noAccount">) {
  return {
    async books(account: string | undefined) {
      if (account !== undefined) return [Books.parse(await ask(`/books/${encodeURIComponent(account)}`))];
      return z.object({ accounts: z.array(Books) }).parse(await ask("/books")).accounts;
    },
    faults: async () => z.object({ faults: z.array(Fault) }).parse(await ask("/faults")).faults,
    /** @throws Failure INVALID_PARAMETER for what is no fault */
    order: async (fault: object) => Fault.parse(await ask("/faults", "POST", fault)),
    clear: () => ask("/faults", "DELETE"),
  };

  async function ask(path: string, method = "GET", body?: object): Promise<unknown> {
    const url = `${base.replace(/\/+$/, "")}/sandbox${path}`;
    const response = await fetch(url, {
      ...{ method, redirect: "manual", signal: AbortSignal.timeout(ANSWER_MS) },
      ...(body && { body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      throw new Failure("FETCH_FAILED", words.away(base, networkReason(cause)), { cause });
    });
    if (response.status === 404) throw new Failure("NOT_FOUND", words.noAccount);
    if (response.status === 422) {
      const { errors } = Wrong.parse(await response.json());
      const lines = errors.map(({ path: field, message }) => `${field}: ${message}`);
      throw new Failure("INVALID_PARAMETER", lines.join("; "));
    }
    if (!response.ok) throw new Failure("FETCH_FAILED", words.away(base, `HTTP ${response.status}`));
    return response.status === 204 ? undefined : response.json();
  }
}
