/** What the description says before its calls. */
export const apiIntroduction = {
  license: { name: "MIT", identifier: "MIT" },
  summary: "Mass messages of WeChat Official Accounts: nobody twice, nobody lost, no limit broken.",
  description: `\`Authorization: Bearer <key>\`, a key of the keys that the server was given, each with scopes:
\`read\`, \`send\`, \`admin\`. A server without keys answers on loopback only.

Failures are \`application/problem+json\` (RFC 9457) with a stable \`code\`; where WeChat answered, with its
\`errcode\` and \`rid\`. Lists are \`items\` and a \`nextCursor\`, which stays where it is while rows are added.
With an \`Idempotency-Key\` a request may be repeated: the same key and body are answered the same, another body 409.
HEAD works where GET does; any other method is 405 with \`Allow\`.`,
};

const message = { msgtype: "text", text: { content: "Hello" } };
const openids = ["oAbcdefghijklmnopqrstuvwx001", "oAbcdefghijklmnopqrstuvwx002"];

const campaigns = {
  "A text to two people": { account: "acme", message, audience: { type: "openids", openids } },
  "An article to an uploaded list, by day, the first batch alone": {
    account: "acme",
    name: "November offer",
    message: { msgtype: "mpnews", mpnews: { media_id: "kKwCHmx3gJT2jYqwXe" } },
    audience: { type: "list", audienceId: "0b8f7a52-6f0c-4d6e-9c59-3f1f8f9c2d11" },
    schedule: {
      startAt: "2026-12-01T09:00:00+08:00",
      window: { from: "09:00", to: "21:00" },
      deadline: "2026-12-03T00:00:00+08:00",
    },
    perUserPerMonth: 3,
    overCap: "skip",
    hold: "first-batch",
    metadata: { ticket: "MKT-1" },
  },
  "A picture to a tag": {
    account: "acme",
    message: { msgtype: "image", image: { url: "https://example.com/offer.jpg" } },
    audience: { type: "tag", tagId: 100 },
  },
};

/** Bodies by operationId and what they are; each fits its schema. */
export const examples: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  createCampaign: campaigns,
  planCampaign: campaigns,
  ...Object.fromEntries(
    ["pauseCampaign", "resumeCampaign", "cancelCampaign", "pauseAccount", "resumeAccount"].map((id) => [
      id,
      { "With a reason": { reason: "a typo in the offer" } },
    ]),
  ),
  settleReview: {
    "It went out": { verdict: "sent", msgId: "1000000001", reason: "seen in the console" },
    "It did not; send it again": { verdict: "not-sent", sendAgain: true },
  },
  sendAgain: { "To whom got nothing": {}, "To whom may have got it too": { partly: true } },
  recallCampaign: { "What it would do": { dryRun: true }, "One article": { articleIdx: 2 } },
  readAudience: { "All followers": { type: "all" }, "Those who have a tag": { type: "tag", name: "VIP" } },
  addDoNotSend: {
    People: { openids },
    "A stored list": { audienceId: "0b8f7a52-6f0c-4d6e-9c59-3f1f8f9c2d11" },
  },
  bookExternalSend: {
    "To everybody": { audience: { type: "all" }, msgId: "1000000001", note: "from the console" },
    "To a stored list": {
      audience: { type: "list", audienceId: "0b8f7a52-6f0c-4d6e-9c59-3f1f8f9c2d11" },
    },
    "To some": { audience: { type: "openids", openids } },
  },
  createPreview: { "To an OpenID": { account: "acme", message, openid: openids[0] } },
  setSpeed: { "The slowest": { speed: 4 } },
  clearQuota: { "Of the account acme": { confirm: "acme" } },
  setMenu: {
    "One button with two below it": {
      button: [
        {
          name: "Shop",
          sub_button: [
            { name: "Offers", type: "click", key: "OFFERS" },
            { name: "All", type: "view", url: "https://example.com/" },
          ],
        },
      ],
    },
  },
  addConditionalMenu: {
    "For a tag": { button: [{ name: "VIP", type: "click", key: "VIP" }], matchrule: { tag_id: "100" } },
  },
  createQrCode: {
    "For an hour": { kind: "temporary", scene: "expo", expireSeconds: 3_600 },
    "For good": { kind: "permanent", scene: 7 },
  },
};
