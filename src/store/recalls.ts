import { z } from "zod";
import type { Trouble } from "../campaign/batch.ts";
import type { BatchAddress, Keys } from "./keys.ts";
import { createScript, type RedisClient } from "./script.ts";

export type Recalls = ReturnType<typeof createRecalls>;

/** What the ledger remembers of messages that are taken back, by batch and article (0 for all). */
export function createRecalls(redis: RedisClient, keys: Keys) {
  const beginScript = createScript(
    redis,
    "begin-recall",
    z.tuple([z.enum(["go", "doubt", "done", "busy", "gone"]), z.number()]),
  );
  const endScript = createScript(redis, "end-recall", z.enum(["noted", "gone"]));
  const keysOf = ({ account, campaign, number }: BatchAddress) => [keys.batch(account, campaign, number)];

  return {
    /**
     * "go": the call may be made. "doubt": it may, but one may have been made before. "busy": another one may be
     * under way, until then (milliseconds).
     */
    async begin(
      address: BatchAddress,
      { articleIdx, until }: { articleIdx: number; until: number },
      now: number,
    ) {
      const [word, busyUntil] = await beginScript(keysOf(address), [now, articleIdx, until]);
      return { word, busyUntil };
    },

    /** `free`: no call was made, or it had no effect. */
    end: (
      address: BatchAddress,
      outcome: { articleIdx: number } & (
        | { word: "done" | "doubt" | "free" }
        | { word: "refused"; trouble: Trouble }
      ),
      now: number,
    ) => {
      const trouble = outcome.word === "refused" ? JSON.stringify(outcome.trouble) : "";
      return endScript(keysOf(address), [now, outcome.articleIdx, outcome.word, trouble]);
    },
  };
}
