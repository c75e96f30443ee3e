/**
 * What is to be written to one client that reads as fast as it likes: at most `limit` pieces wait. Who does not read
 * is given up, so that they fill no memory.
 */
export function createOutbox<Piece>(limit: number) {
  const pieces: Piece[] = [];
  let state: "open" | "ended" | "overflown" = "open";
  let wake = () => {};

  const end = (how: "ended" | "overflown") => {
    if (state === "open") state = how;
    wake();
  };

  return {
    put(piece: Piece): void {
      if (state !== "open") return;
      if (pieces.length >= limit) {
        end("overflown");
        return;
      }
      pieces.push(piece);
      wake();
    },

    /** No more is put in; what is there can still be taken. */
    end(): void {
      end("ended");
    },
    isOver: () => state !== "open",
    isOverflown: () => state === "overflown",

    /** The next piece, "nothing" when none comes within `ms`, "end" when none will come any more. */
    async take(ms: number): Promise<Piece | "nothing" | "end"> {
      if (pieces.length === 0 && state === "open") await waitFor(ms);
      if (state === "overflown") return "end";
      const piece = pieces.shift();
      if (piece !== undefined) return piece;
      return state === "open" ? "nothing" : "end";
    },
  };

  async function waitFor(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    wake = () => {};
  }
}
