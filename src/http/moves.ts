import type { Context } from "hono";
import type { Signature } from "../campaign/audit.ts";
import { CampaignId } from "../campaign/campaign-id.ts";
import type { Move } from "../campaign/move.ts";
import { Failure } from "../failure.ts";
import { type Accounts, accountIn } from "./account.ts";
import { NoQuery, readQuery } from "./query.ts";
import { readSignature } from "./signature.ts";

/** What this door needs of the ledger; `compose.ts` hands it over. Both answer what is shown afterwards. */
export type Moves = {
  /** Throws NOT_FOUND, or ILLEGAL_MOVE with the moves that the campaign takes (`allowed`). */
  campaign(id: string, move: Move, by: Signature): Promise<{ id: string; state: string }>;
  /** An account takes either at any time. */
  account(
    account: string,
    move: "pause" | "resume",
    by: Signature,
  ): Promise<{ account: string; state: string }>;
};

/** Pause, resume and cancel (CONTRACT section 5). They say all by their path; a body may say why. */
export function createMoveHandlers(moves: Moves, accounts: Accounts) {
  return {
    campaign: (move: Move) => async (c: Context) => {
      readQuery(c, NoQuery);
      const id = CampaignId.safeParse(c.req.param("id"));
      if (!id.success) throw new Failure("NOT_FOUND", "There is no such campaign.");
      return c.json(await moves.campaign(id.data, move, await readSignature(c)));
    },

    account: (move: "pause" | "resume") => async (c: Context) => {
      readQuery(c, NoQuery);
      const { id } = accountIn(c, accounts);
      return c.json(await moves.account(id, move, await readSignature(c)));
    },
  };
}
