import { z } from "zod";

/**
 * Whom a campaign without a list goes to: followers who have a tag, or all. Either WeChat itself expands it
 * (mass/sendall, WECHAT.md section 2.2), or its members are read first and go the way of a list: `expand`.
 */
export const Segment = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("tag"),
    tagId: z.int({ error: "expected a whole number" }).nonnegative("expected the number of a tag"),
    expand: z.boolean().optional(),
  }),
  z.strictObject({ type: z.literal("all"), expand: z.boolean().optional() }),
]);
export type Segment = z.infer<typeof Segment>;

type Segmented = { readonly segment?: Segment | undefined };

/** The segment that WeChat itself expands; undefined for a campaign whose people qunfa knows. */
export function nativeSegment({ segment }: Segmented): Segment | undefined {
  return segment?.expand ? undefined : segment;
}
