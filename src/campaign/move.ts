import { z } from "zod";
import type { CampaignState } from "./campaign.ts";

/** What a person can do to a campaign. */
export const Move = z.enum(["pause", "resume", "cancel"]);
export type Move = z.infer<typeof Move>;

/** The moves that a campaign takes in the state that people see (CONTRACT section 4). */
export function movesOf(shown: CampaignState): readonly Move[] {
  switch (shown) {
    case "scheduled":
    case "preparing":
    case "sending":
      return ["pause", "cancel"];
    case "waiting":
      return ["pause", "resume", "cancel"];
    case "paused":
      return ["resume", "cancel"];
    default:
      return [];
  }
}
