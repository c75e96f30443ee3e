import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { Failure } from "../../src/failure.ts";

const ONE_TRY_MS = 15_000;
const REST_MS = 150;

export type Answered = { readonly status: number; readonly body: unknown };
export type Api = ReturnType<typeof createApi>;

/**
 * Asks an API that may be killed at any moment: what finds no answer, or a 5xx, is asked again until the
 * time is over. Every call that is made here may be made twice.
 */
export function createApi(base: string, key?: string) {
  const headers = { "content-type": "application/json", ...(key && { authorization: `Bearer ${key}` }) };

  async function ask(path: string, init: RequestInit = {}, withinMs = 60_000): Promise<Answered> {
    for (const deadline = Date.now() + withinMs; ; await sleep(REST_MS)) {
      const signal = AbortSignal.timeout(ONE_TRY_MS);
      const answer = await fetch(base + path, { ...init, headers, signal })
        .then(async (response) => ({ status: response.status, body: readJson(await response.text()) }))
        .catch(() => undefined);
      if (answer && answer.status < 500) return answer;
      if (Date.now() > deadline)
        throw new Failure("INTERNAL", `${base}${path} answers nothing, or ${answer?.status}`);
    }
  }

  return {
    post: (path: string, body: object = {}) => ask(path, { method: "POST", body: JSON.stringify(body) }),
    delete: (path: string) => ask(path, { method: "DELETE" }),
    /** @throws Failure INTERNAL for another status than 200. */
    async get<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema>> {
      const { status, body } = await ask(path);
      if (status !== 200) throw new Failure("INTERNAL", `${base}${path} answered ${status}`);
      return schema.parse(body);
    },
    /** Every item of a list, over all its pages. */
    async list<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema>[]> {
      const Page = z.object({ items: z.array(schema), nextCursor: z.string().nullable() });
      const items: z.infer<Schema>[] = [];
      for (let cursor = ""; ; ) {
        const page = await this.get(`${path}?limit=200${cursor && `&cursor=${cursor}`}`, Page);
        items.push(...page.items);
        if (page.nextCursor === null) return items;
        cursor = encodeURIComponent(page.nextCursor);
      }
    },
  };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
