import fc from "fast-check";
import { expect, test } from "vitest";
import { clientMsgId } from "../../src/campaign/batch.ts";
import type { CampaignId } from "../../src/campaign/campaign-id.ts";
import type { Message } from "../../src/campaign/message.ts";

type Parts = Parameters<typeof clientMsgId>[0];

const text = (content: string): Message => ({ msgtype: "text", text: { content } });
const batch: Parts = {
  account: "acme",
  campaign: "offer" as CampaignId,
  number: 1,
  message: text("Hello"),
  members: ["oA", "oB", "oC"],
};

test("it is 32 hexadecimal characters, the longest that WeChat takes", () => {
  expect(clientMsgId(batch)).toMatch(/^[0-9a-f]{32}$/);
  expect(clientMsgId({ ...batch, message: text("群发🎉"), campaign: "x".repeat(128) as CampaignId })).toMatch(
    /^[0-9a-f]{32}$/,
  );
});

test("it is the same whenever it is made", () => {
  expect(clientMsgId(structuredClone(batch))).toBe(clientMsgId(batch));
});

test.each<[string, Partial<Parts>]>([
  ["account", { account: "acme2" }],
  ["campaign", { campaign: "offer2" as CampaignId }],
  ["number", { number: 2 }],
  ["message", { message: text("Hello!") }],
  ["kind of message", { message: { msgtype: "voice", voice: { media_id: "Hello" } } }],
  ["last member", { members: ["oA", "oB", "oD"] }],
  ["count of members", { members: ["oA", "oB"] }],
  ["border between members", { members: ["oAoB", "oC"] }],
  ["order of members", { members: ["oB", "oA", "oC"] }],
])("another %s makes another one", (_part, change) => {
  expect(clientMsgId({ ...batch, ...change })).not.toBe(clientMsgId(batch));
});

test("no two batches of many have the same", () => {
  const batches = fc.uniqueArray(
    fc.tuple(fc.stringMatching(/^[a-z0-9.-]{1,8}$/), fc.integer({ min: 1, max: 999 })),
    {
      selector: ([campaign, number]) => `${campaign}~${number}`,
      minLength: 2,
    },
  );
  fc.assert(
    fc.property(batches, (all) => {
      const ids = all.map(([campaign, number]) =>
        clientMsgId({ ...batch, campaign: campaign as CampaignId, number }),
      );
      expect(new Set(ids).size).toBe(all.length);
    }),
  );
});
