import type { Meters } from "./meters.ts";

/** One call of WeChat's API; `errcode`: its number, or the kind of trouble when there was no answer to use. */
export type WechatCall = {
  readonly account: string;
  readonly api: string;
  readonly errcode: string;
  readonly seconds: number;
};

/** To 120 s, the longest that an upload may take. */
const BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60, 120];

export function createWechatCalls({ counter, histogram }: Meters) {
  const calls = counter({
    name: "qunfa_wechat_calls_total",
    help: "Calls of WeChat's API",
    labels: ["account", "api", "errcode"],
  });
  const duration = histogram({
    name: "qunfa_wechat_call_duration_seconds",
    help: "How long a call of WeChat's API took",
    labels: ["api"],
    buckets: BUCKETS,
  });

  return ({ account, api, errcode, seconds }: WechatCall): void => {
    calls.inc({ account, api, errcode });
    duration.observe({ api }, seconds);
  };
}
