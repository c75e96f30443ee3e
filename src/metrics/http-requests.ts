import type { Meters } from "./meters.ts";

/** One answer of the server; `route` is the pattern, never the path: that may hold an OpenID. */
export type HttpRequest = {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
};

/** Callers choose any word for a method. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Long lists take minutes. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 30, 300];

export function createHttpRequests({ counter, histogram }: Meters) {
  const requests = counter({
    name: "qunfa_http_requests_total",
    help: "Requests answered",
    labels: ["method", "route", "status"],
  });
  const duration = histogram({
    name: "qunfa_http_request_duration_seconds",
    help: "How long an answer took",
    labels: ["method", "route"],
    buckets: BUCKETS,
  });

  return ({ method: given, route, status, seconds }: HttpRequest): void => {
    const method = METHODS.includes(given) ? given : "other";
    requests.inc({ method, route, status: String(status) });
    duration.observe({ method, route }, seconds);
  };
}
