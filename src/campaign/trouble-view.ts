import { z } from "zod";
import type { Trouble } from "./batch.ts";

/** Why something waits or ended, as callers see it: `errcode` and `rid` are null where WeChat did not speak. */
export const TroubleView = z
  .object({
    code: z.string(),
    errcode: z.int().nullable(),
    message: z.string(),
    rid: z.string().nullable(),
    remedy: z.string().optional().describe("What a person can do about it."),
  })
  .meta({
    id: "Trouble",
    description: "Why something waits or ended, in WeChat's words where WeChat spoke.",
  });
export type TroubleView = z.infer<typeof TroubleView>;

export function viewTrouble(trouble: Trouble | undefined): TroubleView | null {
  if (!trouble) return null;
  const { code, errcode = null, message, rid = null, remedy } = trouble;
  return { code, errcode, message, rid, ...(remedy && { remedy }) };
}

type Told = {
  readonly errcode?: number | null | undefined;
  readonly message?: string | undefined;
  readonly remedy?: string | undefined;
};

/** Trouble in one line: WeChat's number, the words, and what a person can do; "" for none. */
export function tellTrouble({ errcode, message, remedy }: Told = {}): string {
  const words = [errcode, message].filter((part) => part !== undefined && part !== null).join(" ");
  return [words, remedy].filter(Boolean).join("; ");
}
