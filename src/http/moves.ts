import { z } from "zod";
import type { Signature } from "../campaign/audit.ts";
import { CampaignState } from "../campaign/campaign.ts";
import { CampaignId } from "../campaign/campaign-id.ts";
import type { Move } from "../campaign/move.ts";
import { Failure } from "../failure.ts";
import { type Accounts, accountIn } from "./account.ts";
import { NoQuery, readQuery } from "./query.ts";
import { documented } from "./route.ts";
import { ReasonBody, readSignature } from "./signature.ts";

/** What this door needs of the ledger; `compose.ts` hands it over. Both answer what is shown afterwards. */
export type Moves = {
  /** Throws NOT_FOUND, or ILLEGAL_MOVE with the moves that the campaign takes (`allowed`). */
  campaign(id: string, move: Move, by: Signature): Promise<MovedView>;
  /** An account takes either at any time. */
  account(
    account: string,
    move: "pause" | "resume",
    by: Signature,
  ): Promise<{ account: string; state: string }>;
};

const MovedView = z.object({ id: z.string(), state: CampaignState }).meta({ id: "CampaignState" });
type MovedView = z.infer<typeof MovedView>;

const effects: Readonly<Record<Move, string>> = {
  pause: "Stops a campaign before its next call, until it is resumed.",
  resume: "Lets a paused campaign go on, or one that waits for a person.",
  cancel: "Cancels what a campaign has not sent yet; what WeChat has taken is followed to its end.",
};

/** Pause, resume and cancel (CONTRACT section 5). They say all by their path; a body may say why. */
export function createMoveHandlers(moves: Moves, accounts: Accounts) {
  return {
    campaign: (move: Move) =>
      documented(
        {
          id: `${move}Campaign`,
          summary: effects[move],
          tag: "Campaigns",
          params: { id: CampaignId },
          body: ReasonBody,
          bodyOptional: true,
          answers: { 200: MovedView },
          fails: ["ILLEGAL_MOVE"],
        },
        async (c) => {
          readQuery(c, NoQuery);
          const id = CampaignId.safeParse(c.req.param("id"));
          if (!id.success) throw new Failure("NOT_FOUND", "There is no such campaign.");
          return c.json(await moves.campaign(id.data, move, await readSignature(c)));
        },
      ),

    account: (move: "pause" | "resume") =>
      documented(
        {
          id: `${move}Account`,
          summary:
            move === "pause"
              ? "Stops every campaign of the account before its next call."
              : "Lets the account's campaigns go on, what waits for a person included.",
          tag: "Accounts",
          body: ReasonBody,
          bodyOptional: true,
          answers: { 200: z.object({ account: z.string(), state: z.string() }) },
        },
        async (c) => {
          readQuery(c, NoQuery);
          const { id } = accountIn(c, accounts);
          return c.json(await moves.account(id, move, await readSignature(c)));
        },
      ),
  };
}
