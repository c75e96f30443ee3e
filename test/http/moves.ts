import type { Signature } from "../../src/campaign/audit.ts";
import { Failure } from "../../src/failure.ts";
import type { Moves } from "../../src/http/moves.ts";

/** Moves in small: what was asked is noted, and who asked; a campaign `done` has ended, `gone` was never there. */
export function createMoves() {
  const made: string[] = [];
  const signed: Signature[] = [];
  const moves: Moves = {
    async campaign(id, move, by) {
      if (id === "gone") throw new Failure("NOT_FOUND", "There is no such campaign.");
      if (id === "done") throw new Failure("ILLEGAL_MOVE", "It has ended.", { details: { allowed: [] } });
      if (id === "paused" && move === "pause")
        throw new Failure("ILLEGAL_MOVE", "It is paused.", { details: { allowed: ["resume", "cancel"] } });
      made.push(`${move} ${id}`);
      signed.push(by);
      return { id, state: { pause: "paused", resume: "sending", cancel: "canceling" }[move] };
    },
    async account(account, move) {
      made.push(`${move} ${account}`);
      return { account, state: { pause: "paused", resume: "active" }[move] };
    },
  };
  return { moves, made, signed };
}
