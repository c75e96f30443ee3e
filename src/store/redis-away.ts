// ioredis names few of its errors, so the rest is told by code or sentence. OOM, READONLY and the like come
// from a Redis that is there but takes nothing in: to a caller that is the same, try again later. So is NOSCRIPT:
// a forgotten script of BullMQ's is sent again by ioredis, but where two calls of it meet, by its digest.
const names = new Set(["MaxRetriesPerRequestError", "ClusterAllFailedError"]);
const codes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);
const sentences =
  /^(Connection is (closed|aborted)|Connection is discarded|Stream isn't writeable|Command (timed out|aborted)|Socket timeout|connect ETIMEDOUT|Cluster (is|isn't) |Too many Cluster redirections|None of startup nodes |Failed to refresh slots cache|Node is disconnected)/;
// From within a script Redis before 7 puts its own words in front.
const replies =
  /^(?:ERR Error running script .*: -)?(?:LOADING|READONLY|OOM|MISCONF|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|NOREPLICAS|BUSY|NOSCRIPT) /;

/** Whether the trouble, or what caused it, is a Redis that can't be reached or takes nothing in. */
export function isRedisAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? error.code : undefined;
  return (
    names.has(error.name) ||
    (typeof code === "string" && codes.has(code)) ||
    sentences.test(error.message) ||
    (error.name === "ReplyError" && replies.test(error.message)) ||
    isRedisAway(error.cause)
  );
}
