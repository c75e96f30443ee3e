import type { AccountEvidence, Delivery, Problem, ShownBatch } from "./evidence.ts";
import { judgePeople } from "./judge-people.ts";
import { judgeReport } from "./judge-report.ts";

/** Refusals that WeChat makes by itself when a limit is broken; none of them is among the faults. */
const LIMIT_BROKEN = ["45009", "45028", "45011"];

/** Everything that is wrong with one account, by the sandbox's books and by what the API says. */
export function judgeAccount(evidence: AccountEvidence): Problem[] {
  return [
    ...evidence.campaigns.flatMap((campaign) => [...judgePeople(campaign), ...judgeReport(campaign)]),
    ...evidence.strangers.map(
      ({ msg_id, text }): Problem => ({
        kind: "report",
        says: `message ${msg_id} is of no campaign: ${text}`,
      }),
    ),
    ...judgeCap(evidence),
    ...judgeQuota(evidence),
  ];
}

/** What each person was sent, and what qunfa has counted for it. */
function judgeCap({ account, perUserPerMonth, campaigns, capUsers }: AccountEvidence): Problem[] {
  const messages = new Map<string, number>();
  for (const { openids } of campaigns.flatMap(({ deliveries }) => deliveries.filter(wasSent)))
    for (const openid of openids) messages.set(openid, (messages.get(openid) ?? 0) + 1);
  const over = [...messages].filter(([, count]) => count > perUserPerMonth).map(([openid]) => openid);
  const refused = campaigns
    .flatMap(({ deliveries }) => deliveries)
    .reduce((sum, { outcomes }) => sum + outcomes.filter((outcome) => outcome === "capped").length, 0);

  const held = campaigns
    .flatMap(({ batches }) => batches.filter((batch) => !wasGivenBack(batch)))
    .reduce((sum, { size }) => sum + size, 0);
  const counted = Object.entries(capUsers).reduce((sum, [times, users]) => sum + Number(times) * users, 0);
  const wrong: readonly [boolean, string][] = [
    [over.length > 0, `${over.length} people were sent more than ${perUserPerMonth}: ${over[0]}`],
    [refused > 0, `WeChat held back ${refused} people who were above their month`],
    [counted !== held, `counts ${counted} messages for its people, its batches hold ${held}`],
  ];
  return wrong.filter(([is]) => is).map(([, says]) => ({ kind: "cap", says: `${account}: ${says}` }));
}

/** A message that failed as a whole reached nobody. */
function wasSent({ result }: Delivery): boolean {
  return result === undefined || result === "send success";
}

/** CONTRACT section 6.3 and MECHANICS, "Reservations go back". */
function wasGivenBack({ state, closedBy, counts }: ShownBatch): boolean {
  if (state === "canceled") return true;
  if (state !== "failed" || closedBy === "poll") return false;
  return closedBy !== "callback" || counts?.sent === 0;
}

function judgeQuota(evidence: AccountEvidence): Problem[] {
  const { account, sendCallsPerDay, callsLostMost, arrived, refused, quotaUsed, campaigns } = evidence;
  const sendCalls = campaigns.reduce((sum, { report }) => sum + report.sendCalls, 0);
  const broken = LIMIT_BROKEN.filter((errcode) => refused[errcode] !== undefined);
  const wrong: readonly [boolean, string][] = [
    [arrived > sendCallsPerDay, `WeChat saw ${arrived} calls, the day has ${sendCallsPerDay}`],
    [broken.length > 0, `WeChat refused calls beyond a limit: ${broken.join(", ")}`],
    [sendCalls < arrived, `reports ${sendCalls} calls, WeChat saw ${arrived}`],
    [sendCalls > arrived + callsLostMost, `reports ${sendCalls} calls, WeChat saw only ${arrived}`],
    [quotaUsed < arrived, `counts ${quotaUsed} calls of the day, WeChat saw ${arrived}`],
  ];
  return wrong.filter(([is]) => is).map(([, says]) => ({ kind: "quota", says: `${account}: ${says}` }));
}
