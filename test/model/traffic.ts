import type fc from "fast-check";
import type { Gate } from "./gate.ts";

/** A turn of the event loop: whatever could go on by itself has gone on. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * Lets fast-check's scheduler draw which await goes on next, one at a time: the next is let go only when the
 * last has had its effect and whoever waited for it stands at its next await. So a schedule can be replayed.
 */
export function createTraffic() {
  let underWay = 0;

  return {
    gateOf:
      (scheduler: fc.Scheduler): Gate =>
      async (label, deed) => {
        await scheduler.schedule(Promise.resolve(), label);
        underWay += 1;
        try {
          return await deed();
        } finally {
          underWay -= 1;
        }
      },

    act: async (letGo: () => Promise<unknown>): Promise<void> => {
      await letGo();
      do await turn();
      while (underWay > 0);
      await turn();
    },
  };
}
