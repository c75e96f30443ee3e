import { expect, test } from "vitest";
import { createWatch } from "../../src/compose-metrics.ts";
import type { Reply } from "../../src/wechat/client.ts";

const path = "/cgi-bin/message/mass/send";
const replies: [string, Reply][] = [
  ["0", { kind: "answered", body: { msg_id: 1 } }],
  ["45065", { kind: "answered", body: { errcode: 45065, errmsg: "known", msg_id: 1 } }],
  ["40164", { kind: "answered", body: { errcode: "40164" } }],
  ["-1", { kind: "answered", body: { errcode: -1, errmsg: "system error" } }],
  ["unlisted", { kind: "answered", body: { errcode: 987_654 } }],
  ["unlisted", { kind: "answered", body: { errcode: 987_655 } }],
  ["unclear", { kind: "answered", body: "<html>" }],
  ["unclear", { kind: "unclear", message: "HTTP status 502" }],
  ["timeout", { kind: "unclear", message: "no complete answer within 20000 ms", late: true }],
  ["timeout", { kind: "never-left", message: "no complete answer within 20000 ms", late: true }],
  ["unreachable", { kind: "never-left", message: "connect ECONNREFUSED" }],
];

test("every call of WeChat is counted by what came of it, in words of which there are not ever more", async () => {
  const { meters, wechat } = createWatch("worker", ["acme"]);
  for (const [, reply] of replies) expect(await wechat("acme", async () => reply)({ path })).toBe(reply);
  const counted = (await meters.registry.getMetricsAsJSON()).find(
    ({ name }) => name === "qunfa_wechat_calls_total",
  );
  const wanted = replies.map(([errcode]) => errcode);
  expect(counted?.values).toEqual(
    [...new Set(wanted)].map((errcode) => ({
      value: wanted.filter((word) => word === errcode).length,
      labels: { account: "acme", api: path, errcode },
    })),
  );
});
