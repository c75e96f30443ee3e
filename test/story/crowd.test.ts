import { afterEach, expect, test } from "vitest";
import { until } from "../support/until.ts";
import { expectTrue, openRig, people, type Rig } from "./rig.ts";

let rig: Rig;
afterEach(async () => {
  rig.expectClean();
  await rig.close();
});

/** A wake-up that is lost leaves its batch asleep until a poll, and here that is an hour away. */
test("300 campaigns whose results come around the moment in which their jobs fall asleep: none oversleeps", async () => {
  const limits = { callsPerMinute: 10_000, sendCallsPerDay: 10_000 };
  const names = ["one", "two", "three", "four", "five"];
  const accounts = Object.fromEntries(names.map((id) => [id, { limits }]));
  rig = await openRig({ accounts, workers: 2, env: { QUNFA_POLL_MS: "3600000" } });
  const whens = ["before", 0, 1, 2, 3, 4, 5, 6, 8, 10] as const;
  for (const name of names) {
    const moments = Array.from({ length: 60 }, (_, index) => ({ when: whens[index % whens.length] ?? 0 }));
    rig.desk(name).script.push(...moments.map((result) => ({ result })));
  }

  const ids = names.flatMap((account) =>
    // More campaigns than one person may get in a month: each has two people of its own.
    Array.from({ length: 60 }, (_, index) => ({
      ...{ account, id: `crowd-${account}-${index}`, pair: people(2, 2 * index) },
    })),
  );
  const jobs = await Promise.all(ids.map(({ account, id, pair }) => rig.add(id, account, pair)));
  const reports = await Promise.all(jobs.map((job) => rig.report(job, 90_000)));
  for (const [index, report] of reports.entries()) {
    const { account, id } = ids[index] ?? { account: "", id: "" };
    expect(report).toMatchObject({ state: "completed", sendCalls: 1, recipients: { submitted: 2 } });
    expectTrue(rig.desk(account), id, report);
  }
  // A campaign looks again by itself while it moves; the job of a batch that overslept would still be there.
  const asleep = () => rig.queues.batches.getJobCountByTypes("delayed", "waiting", "active");
  await until(async () => (await asleep()) === 0, { describe: asleep });
  for (const name of names) {
    expect(rig.desk(name).polls).toBe(0);
    expect(rig.desk(name).calls).toHaveLength(60);
  }
});
