import process from "node:process";

/**
 * Loaded into each process that is looked at, before its own main: whoever asks over the channel is told what
 * memory is in use once all that nobody needs has been collected. Holds the process open by nothing.
 */
process.on("message", () => {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  process.send?.({ rss, heapUsed });
});
process.channel?.unref();
