import { expect } from "vitest";
import type { Batch } from "../../src/campaign/batch.ts";
import type { Campaign } from "../../src/campaign/campaign.ts";
import type { OpenId } from "../../src/campaign/openid.ts";
import { AudienceCounts, type Report } from "../../src/campaign/report.ts";
import { beijingDay } from "../../src/sandbox/beijing.ts";
import type { Job } from "../../src/sandbox/job.ts";
import type { Life, Ordered } from "./life.ts";
import { ACCOUNT, LIMITS, people, SEND_TIMEOUT_MS } from "./wechat.ts";

/** A send's time-out and 10 s (MECHANICS section 5). */
const TURN_LEASE_MS = SEND_TIMEOUT_MS + 10_000;

/** A batch with its people and what WeChat has under its clientmsgid. */
type Held = {
  readonly batch: Batch;
  readonly members: readonly string[];
  readonly job: Job | undefined;
  readonly heard: boolean;
};

/**
 * CONTRACT section 6, of a life that has come to its end, against the sandbox's own books: nobody twice, nobody
 * lost, no limit broken, every number accounted for; and that a callback again changes nothing. `lost` is how
 * many calls may have been counted and never made, or told to be unmade too late.
 */
export async function expectPromises(life: Life, lost = life.stops()): Promise<void> {
  const campaigns = await Promise.all(life.ordered.map((one) => read(life, one)));
  const all = campaigns.flatMap(({ held }) => held);
  expectNobodyTwice(life);
  for (const { order, campaign, held } of campaigns) expectNobodyLost(order, campaign, held);
  expectCallsCounted(life, lost, campaigns);
  expectAllKnown(life, all);
  expectLimits(life);
  expectQuiet(life);
  expectNoTrace(life);
  await expectCounters(life, campaigns);
  await expectLedgerAtRest(life);

  const before = await Promise.all(life.ordered.map((one) => read(life, one)));
  const server = life.world.createServer();
  for (const { job } of life.world.wechat.accepted.filter(({ pushed }) => pushed > 0))
    await server.deliver(life.world.wechat.resultOf(job));
  expect(await Promise.all(life.ordered.map((one) => read(life, one)))).toEqual(before);
}

async function read({ world: { ledger, wechat } }: Life, order: Ordered) {
  const campaign = await ledger.campaigns.find(order.id);
  if (!campaign) throw new Error(`${order.id} is gone`);
  const batches = await ledger.batches.of(campaign);
  const held = await Promise.all(
    batches.map(async (batch): Promise<Held> => {
      const members = batch.size > 0 ? await ledger.audiences.members(campaign, batch) : [];
      const jobs = wechat.accepted.filter(({ job }) => job.clientmsgid === batch.clientmsgid);
      expect(jobs.length).toBeLessThanOrEqual(1);
      return { batch, members, job: jobs[0]?.job, heard: jobs[0]?.heard ?? false };
    }),
  );
  return { order, campaign, held };
}

/** By the books alone: in how many messages of a campaign a person was named. */
function expectNobodyTwice({ world: { wechat } }: Life): void {
  const campaignOf = new Map(wechat.sends.map(({ clientmsgid, campaign }) => [clientmsgid, campaign]));
  for (const openid of people) {
    const named = wechat.books
      .recipient(openid)
      .jobs.map(({ clientmsgid }) => campaignOf.get(clientmsgid ?? ""));
    expect(named).not.toContain(undefined);
    expect(new Set(named).size, `${openid} in ${named}`).toBe(named.length);
  }
}

function expectNobodyLost({ entries }: Ordered, campaign: Campaign, held: readonly Held[]): void {
  const { report } = campaign;
  if (!report) throw new Error(`${campaign.id} has no report`);
  const { received, invalid, duplicate, excluded, capped, admitted } = AudienceCounts.parse(report.audience);
  const valid = entries.filter((entry) => people.includes(entry));
  const distinct = new Set(valid);
  expect(received).toBe(entries.length);
  expect(invalid).toBe(entries.length - valid.length);
  expect(invalid + duplicate + excluded + capped + admitted).toBe(received);
  // Canceled before its plan nobody has counted who came twice.
  if (held.length > 0) expect(duplicate).toBe(valid.length - distinct.size);

  const members = held.flatMap((one) => one.members);
  expect(new Set(members).size).toBe(members.length);
  for (const openid of members) expect(distinct).toContain(openid);
  expect(members.length).toBe(admitted);
  expect(held.reduce((sum, { batch }) => sum + batch.size, 0)).toBe(admitted);
  for (const one of held) expectTrueEnd(one);
  expectTrueReport(report, held);
}

/** A batch's end says what WeChat did with it, or that a person has to look. */
function expectTrueEnd({ batch, members, job, heard }: Held): void {
  const { state, number, closedBy, counts } = batch;
  const ends = !job
    ? ["failed", "canceled", "needs_review"]
    : job.status === "SEND_FAIL"
      ? ["failed", "needs_review"]
      : ["succeeded", "needs_review"];
  expect(ends, `batch ${number}, ${job?.status ?? "not at WeChat"}`).toContain(state);
  if (!job) return;
  if (batch.msgId !== undefined) expect(batch.msgId).toBe(String(job.msgId));
  expect([...(job.recipients?.openids() ?? [])].sort()).toEqual([...members].sort());
  // One that was acknowledged counts, before or after a poll, wherever the batch knows its msg_id.
  if (heard && batch.msgId !== undefined) expect(closedBy, `batch ${number}`).toBe("callback");
  if (closedBy !== "callback") return;
  const { total, filter, sent, error } = job.counts;
  expect(counts).toEqual({ total, filtered: total - filter, sent, failed: error });
}

function expectTrueReport(report: Report, held: readonly Held[]): void {
  const inState = (state: Batch["state"]) => held.filter(({ batch }) => batch.state === state).length;
  const states = {
    ...{ succeeded: inState("succeeded"), failed: inState("failed") },
    ...{ needsReview: inState("needs_review"), canceled: inState("canceled") },
  };
  expect(report.batches).toEqual({ planned: held.length, ...states });
  expect(Object.values(states).reduce((sum, count) => sum + count)).toBe(held.length);

  const told = held.flatMap(({ batch, job }) => (batch.closedBy === "callback" && job ? [job.counts] : []));
  const sum = (of: (counts: Job["counts"]) => number) =>
    told.reduce((total, counts) => total + of(counts), 0);
  expect(report.recipients).toMatchObject({
    ...{ total: sum(({ total }) => total), filtered: sum(({ total, filter }) => total - filter) },
    ...{ sent: sum(({ sent }) => sent), failed: sum(({ error }) => error) },
    submitted: held.reduce((all, { batch }) => all + (batch.msgId === undefined ? 0 : batch.size), 0),
  });
  expect(report.countsMissing).toBe(held.filter(({ batch }) => batch.closedBy === "poll").length);
  expectTrueState(report, held);
}

/** The end states of CONTRACT section 4. */
function expectTrueState({ state, reason, batches }: Report, held: readonly Held[]): void {
  expect(reason === null, `${state}, ${reason}`).toBe(state === "completed");
  const dropped = held.some(({ batch }) => batch.state === "canceled" && batch.closedBy !== "month");
  // One with nobody left in a new month is neither here nor there.
  const left = held.filter(({ batch }) => batch.closedBy !== "month" || batch.state !== "canceled").length;
  if (held.length === 0) expect(["failed", "canceled"]).toContain(state);
  else if (dropped) expect(state).toBe("canceled");
  else if (left > 0 && batches.succeeded === left) expect(state).toBe("completed");
  else if (batches.succeeded + batches.needsReview === 0) expect(state).toBe("failed");
  else expect(state).toBe("partly_completed");
}

/**
 * Each call that WeChat may have seen is counted. Counted and not seen is one whose worker stopped behind the
 * gate, that took too long, or of which its worker tells that it never left only when another has taken over.
 */
function expectCallsCounted(
  { world: { wechat } }: Life,
  lost: number,
  campaigns: readonly { order: Ordered; campaign: Campaign }[],
): void {
  for (const { order, campaign } of campaigns) {
    const seen = wechat.sends.filter((sent) => sent.campaign === order.id).length;
    const counted = campaign.report?.sendCalls ?? 0;
    expect(counted).toBeGreaterThanOrEqual(seen);
    expect(counted).toBeLessThanOrEqual(seen + lost + wechat.timeOuts());
  }
}

/** What WeChat has was sent by a batch that is known. */
function expectAllKnown({ world: { wechat } }: Life, all: readonly Held[]): void {
  const known = new Set(all.map(({ batch }) => batch.clientmsgid));
  for (const { job } of wechat.accepted) expect(known).toContain(job.clientmsgid);
}

function expectLimits({ world: { wechat } }: Life): void {
  const days = new Map<string, number>();
  for (const { at } of wechat.sends) days.set(beijingDay(at), (days.get(beijingDay(at)) ?? 0) + 1);
  for (const [day, calls] of days)
    expect(calls, `calls on ${day}`).toBeLessThanOrEqual(LIMITS.sendCallsPerDay);
  const outcomes = people.flatMap((openid) =>
    wechat.books.recipient(openid).jobs.map(({ outcome }) => outcome),
  );
  expect(outcomes).not.toContain("capped");
  for (const { touser } of wechat.sends) {
    expect(new Set(touser).size).toBe(touser.length);
    expect(touser.length).toBeGreaterThanOrEqual(2);
  }
}

/** From the answer to a pause or a cancel on nothing was called. */
function expectQuiet({ quiet, world: { wechat } }: Life): void {
  for (const { campaign, from, until } of quiet) {
    const called = wechat.sends.slice(from, until).map((sent) => sent.campaign);
    if (campaign === undefined) expect(called).toEqual([]);
    else expect(called).not.toContain(campaign);
  }
}

/** No person in a job, its log, or the log; no bug in the log. */
function expectNoTrace({ world: { shelf, logged } }: Life): void {
  const written = JSON.stringify([shelf.all(), logged]);
  for (const openid of people) expect(written).not.toContain(openid);
  expect(logged.filter((line) => line.startsWith("error"))).toEqual([]);
}

/** Everybody's number of the month is the messages that they got, or may have got, in it. */
async function expectCounters(
  life: Life,
  campaigns: readonly { campaign: Campaign; held: readonly Held[] }[],
) {
  const all = campaigns.flatMap(({ held }) => held);
  for (const month of new Set(all.map(({ batch }) => batch.month))) {
    const holding = all.filter(({ batch }) => batch.month === month && keepsItsReservations(batch));
    const expected = people.map((openid) => holding.filter(({ members }) => members.includes(openid)).length);
    const { caps } = life.world.ledger;
    const used = await Promise.all(
      people.map((openid) => caps.used({ account: ACCOUNT, month }, openid as OpenId)),
    );
    // What a batch had reserved in a month that it left stays: that month is over.
    const left = campaigns.some(
      ({ campaign, held }) =>
        (campaign.month ?? month) <= month && held.some(({ batch }) => batch.month > month),
    );
    if (left)
      for (const [at, number] of used.entries()) expect(number).toBeGreaterThanOrEqual(expected[at] ?? 0);
    else expect(used, month).toEqual(expected);
  }
}

/** MECHANICS section 1: not those that went to nobody for sure. */
function keepsItsReservations({ state, closedBy, counts }: Batch): boolean {
  if (state === "canceled") return false;
  if (state !== "failed" || closedBy === "poll") return true;
  return closedBy === "callback" && counts?.sent !== 0;
}

/** A worker that stopped right behind a question for the turn leaves it to a batch that may have ended since: its lease runs out. */
async function expectLedgerAtRest({ world }: Life): Promise<void> {
  const { redis, keys } = world;
  const worker = world.createWorker();
  for (let turns = 0; turns < 3; turns++) {
    await world.pass(TURN_LEASE_MS);
    await worker.reconcile();
  }
  expect(await redis.zcard(keys.doubt(ACCOUNT))).toBe(0);
  expect(await redis.zcard(keys.turnQueue(ACCOUNT))).toBe(0);
  expect((await redis.hget(keys.turn(ACCOUNT), "owner")) ?? "").toBe("");
}
