import { Account } from "../../src/campaign/account.ts";
import { createDryRun } from "../../src/campaign/dry-run.ts";
import type { Outlook } from "../../src/campaign/forecast.ts";
import { sortOpenIds } from "../../src/campaign/intake.ts";
import { createTestClock } from "./clock.ts";

const plain = { appid: "wx0123456789abcdef", secret: "secret", kind: "service", token: "token" };

export const free: Outlook = {
  blockedUntil: 0,
  sends: { left: 100, perDay: 100 },
  minute: { takenAt: [], limit: 50 },
  others: [],
};

/** Whose messages of a month were asked for. */
export type Asked = { account: string; month: string; people: readonly string[] };

/**
 * Dry runs for the account "acme", at 10:00 on 2 March 2026 in Shanghai. `used`: who has how many messages
 * already; `unfollowed`: who is excluded; `asked` collects the questions.
 */
export function createTestDryRun({
  account = {},
  outlook = free,
  used = {},
  unfollowed = [],
  asked = [],
}: {
  account?: Record<string, unknown>;
  outlook?: Outlook;
  used?: Readonly<Record<string, number>>;
  unfollowed?: readonly string[];
  asked?: Asked[];
} = {}) {
  const acme = Account.parse({ ...plain, id: "acme", ...account });
  return createDryRun({
    accounts: new Map([["acme", acme]]),
    outlookOf: async () => outlook,
    notifyFault: () => undefined,
    async count({ account, month, limit }, audience) {
      if (audience.type !== "openids") throw new Error("no list is stored here");
      const { valid, invalid } = sortOpenIds(audience.openids);
      const people = [...new Set(valid)];
      asked.push({ account, month, people });
      const following = people.filter((openid) => !unfollowed.includes(openid));
      const capped = following.filter((openid) => (used[openid] ?? 0) >= limit).length;
      const excluded = people.length - following.length;
      const received = audience.openids.length;
      const duplicate = valid.length - people.length;
      const admitted = following.length - capped;
      return { received, invalid: invalid.length, duplicate, excluded, capped, admitted };
    },
    clock: createTestClock(),
  });
}
