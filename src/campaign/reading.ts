import { z } from "zod";
import { either } from "./either.ts";
import type { Segment } from "./segment.ts";

const TAG_NAME_MAX = 30;

const tagOrName = "expected either the tagId or the name of a tag";

/**
 * Followers whose OpenIDs are to be read into a stored list: all of an account, or those who have a tag, which is
 * named by its number or by its name.
 */
export const ReadingSource = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("all") }),
  z
    .strictObject({
      type: z.literal("tag"),
      tagId: z
        .int({ error: "expected a whole number" })
        .nonnegative("expected the number of a tag")
        .optional(),
      name: z
        .string()
        .min(1, tagOrName)
        .max(TAG_NAME_MAX, `expected ${TAG_NAME_MAX} characters at most`)
        .optional(),
    })
    .refine(({ tagId, name }) => (tagId === undefined) !== (name === undefined), tagOrName)
    .meta(either("tagId", "name")),
]);
export type ReadingSource = z.infer<typeof ReadingSource>;

/** Whom to read; undefined for a tag of which only the name is known. */
export function segmentOf(source: ReadingSource): Segment | undefined {
  if (source.type === "all") return { type: "all" };
  return source.tagId === undefined ? undefined : { type: "tag", tagId: source.tagId };
}
