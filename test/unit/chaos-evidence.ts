import type {
  AccountEvidence,
  CampaignEvidence,
  Delivery,
  ShownBatch,
} from "../../scripts/chaos/evidence.ts";

/** Small books in which everything is right, to be spoiled. Two of three people of a batch got its message. */
export function soundAccount(campaigns = [soundCampaign("one"), soundCampaign("two")]): AccountEvidence {
  const batches = campaigns.flatMap((campaign) => campaign.batches);
  return {
    account: "north",
    perUserPerMonth: 4,
    sendCallsPerDay: 100,
    callsLostMost: 1,
    arrived: batches.length,
    refused: {},
    quotaUsed: batches.length,
    capUsers: { 1: 0, [campaigns.length]: batches.length * (3 / campaigns.length) },
    campaigns,
    strangers: [],
  };
}

/** Two batches of three, and one person who was at the cap. */
export function soundCampaign(id: string): CampaignEvidence {
  const people = ["a", "b", "c", "d", "e", "f", "capped"];
  const batches = [1, 2].map((number) => soundBatch(id, number));
  const deliveries = batches.map((batch, at) => soundDelivery(batch, people.slice(at * 3, at * 3 + 3)));
  return {
    id,
    people,
    duplicates: 2,
    invalid: 1,
    batches,
    deliveries,
    fates: [
      { openid: "a", outcome: "admitted", state: "succeeded" },
      { openid: "capped", outcome: "capped", state: null },
    ],
    report: {
      campaignId: id,
      account: "north",
      state: "completed",
      reason: null,
      audience: { received: 10, invalid: 1, duplicate: 2, excluded: 0, capped: 1, admitted: 6 },
      batches: { planned: 2, succeeded: 2, failed: 0, needsReview: 0, canceled: 0 },
      recipients: { submitted: 6, total: 6, filtered: 2, sent: 4, failed: 0 },
      countsMissing: 0,
      sendCalls: 2,
      createdAt: "",
      closedAt: "",
    },
  };
}

function soundBatch(id: string, number: number): ShownBatch {
  const counts = { total: 3, filtered: 1, sent: 2, failed: 0 };
  const name = `${id}~${number}`;
  return {
    number,
    state: "succeeded",
    size: 3,
    clientmsgid: name,
    msgId: `msg-${name}`,
    closedBy: "callback",
    counts,
  };
}

function soundDelivery({ clientmsgid, size, msgId }: ShownBatch, openids: readonly string[]): Delivery {
  return {
    msg_id: msgId ?? "",
    clientmsgid,
    text: `「${clientmsgid.split("~")[0]}」`,
    size,
    status: "SEND_SUCCESS",
    result: "send success",
    counts: { total: 3, filter: 2, sent: 2, error: 0 },
    callbacks: [{ answer: "success" }],
    openids,
    outcomes: ["sent", "sent", "unfollowed"],
  };
}
