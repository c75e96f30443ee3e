import { Presets, SingleBar } from "cli-progress";
import { isTerminal, type Terminal } from "./terminal.ts";

/** A bar for a person who waits; nothing where there is none to see it, no cursor to move, or nothing to measure. */
export function openProgressBar(
  { stderr, isDumb }: Pick<Terminal, "stderr" | "isDumb">,
  format: string,
  total: number,
) {
  if (total === 0 || isDumb || !isTerminal(stderr)) return { isSeen: false, show: () => {}, stop: () => {} };
  const bar = new SingleBar({ format, hideCursor: true, stream: stderr }, Presets.shades_classic);
  bar.start(total, 0, { note: "" });
  return {
    isSeen: true,
    show: (done: number, note = "") => bar.update(done, { note }),
    stop: () => bar.stop(),
  };
}
