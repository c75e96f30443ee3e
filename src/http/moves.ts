import type { Context } from "hono";
import { CampaignId } from "../campaign/campaign-id.ts";
import type { Move } from "../campaign/move.ts";
import { Failure } from "../failure.ts";
import { type Accounts, accountIn } from "./account.ts";
import { NoQuery, readQuery } from "./query.ts";

/** What this door needs of the ledger; `compose.ts` hands it over. Both answer what is shown afterwards. */
export type Moves = {
  /** Throws NOT_FOUND, or ILLEGAL_MOVE with the moves that the campaign takes (`allowed`). */
  campaign(id: string, move: Move): Promise<{ id: string; state: string }>;
  /** An account takes either at any time. */
  account(account: string, move: "pause" | "resume"): Promise<{ account: string; state: string }>;
};

/** Pause, resume and cancel (CONTRACT section 5). They say all by their path: a body is not read. */
export function createMoveHandlers(moves: Moves, accounts: Accounts) {
  return {
    campaign: (move: Move) => async (c: Context) => {
      readQuery(c, NoQuery);
      const id = CampaignId.safeParse(c.req.param("id"));
      if (!id.success) throw new Failure("NOT_FOUND", "There is no such campaign.");
      return c.json(await moves.campaign(id.data, move));
    },

    account: (move: "pause" | "resume") => async (c: Context) => {
      readQuery(c, NoQuery);
      return c.json(await moves.account(accountIn(c, accounts).id, move));
    },
  };
}
