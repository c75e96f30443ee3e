import { describe, expect, test } from "vitest";
import { webhookSecrets } from "../../src/setting.ts";

const coded = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
const plain = "a-plain-secret-of-24-characters";

describe("QUNFA_WEBHOOK_SECRET", () => {
  const one = { secret: coded, format: "base64" };
  const other = { secret: plain, format: "raw" };

  test.each<[string, object[]]>([
    [coded, [one]],
    [plain, [other]],
    [`${coded} ${plain}`, [one, other]],
    [`${coded}, ${plain}`, [one, other]],
  ])("is one secret, or several of which each signs: %s", (value, secrets) => {
    expect(webhookSecrets.parse(value)).toEqual(secrets);
  });

  test.each([
    "short",
    "whsec_",
    `whsec_${Buffer.alloc(23).toString("base64")}`,
    `whsec_${Buffer.alloc(65).toString("base64")}`,
    "whsec_no-base64-at-all-but-long-enough-to-be",
    "ein-geheimnis-mit-ümlauten-und-24",
    `${coded},short`,
    ",",
  ])("can't be written %j, and is not repeated to say so", (value) => {
    const messages = webhookSecrets.safeParse(value).error?.issues.map(({ message }) => message);
    expect(messages).toEqual([
      expect.stringMatching(/^expected whsec_ and 24 to 64 bytes in base64, or 24 or more/),
    ]);
  });
});
