import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { findFaketime } from "../../scripts/faketime.mjs";
import { until } from "../support/until.ts";
import { expectOnce, expectTrue, openRig, people, type Rig } from "./rig.ts";

/** Where Debian and Ubuntu put it. Without it `midnight` and `month-end` tell the same with a clock of ours. */
const library = findFaketime();

const folder = mkdtempSync(join(tmpdir(), "qunfa-faketime-"));
let rig: Rig | undefined;
afterEach(async () => {
  rig?.expectClean();
  await rig?.close();
  rmSync(folder, { recursive: true });
});

const waitMs = 40_000;

test.skipIf(library === undefined)(
  "processes whose clock passes midnight and a month's end: a call a day, and in April only who is not at the cap",
  async () => {
    const offset = join(folder, "offset");
    const setClock = (moment: string) =>
      writeFileSync(offset, `+${Math.round((Date.parse(moment) - Date.now()) / 1_000)}`);
    // Far ahead: Redis, which keeps the real time, expires what a clock behind it dates.
    setClock("2126-03-30T23:30:00+08:00");
    const env = {
      LD_PRELOAD: library ?? "",
      FAKETIME_TIMESTAMP_FILE: offset,
      FAKETIME_CACHE_DURATION: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    };
    rig = await openRig({ accounts: { acme: { limits: { sendCallsPerDay: 1 } } }, workers: 2, env });
    const story = rig;
    const desk = story.desk("acme");
    const waiting = (moment: string) => {
      const iso = new Date(moment).toISOString();
      return story.shown("slips", ({ waitingFor }) => waitingFor?.until === iso, waitMs);
    };
    const everybody = people(25_000);
    const job = await story.add("slips", "acme", everybody, { perUserPerMonth: 1 });
    await waiting("2126-03-31T00:00:00+08:00");
    expect(desk.calls).toHaveLength(1);

    setClock("2126-03-31T00:00:01+08:00");
    await waiting("2126-04-01T00:00:00+08:00");
    expect(desk.calls).toHaveLength(2);
    expect(await story.get("/v1/accounts/acme/quota")).toMatchObject({
      ...{ day: "2126-03-31", send: { used: 1, left: 0, resetsAt: "2126-03-31T16:00:00.000Z" } },
    });

    // In April a hundred of those who are left get a message from elsewhere first.
    expect(await story.move("pause", "slips")).toMatchObject({ status: 200 });
    setClock("2126-04-01T00:00:01+08:00");
    const monthOf = async () => (await story.get<{ month: string }>("/v1/accounts/acme/caps")).month;
    await until(async () => (await monthOf()) === "2126-04");
    const inMarch = new Set(desk.books.sends.flatMap(({ touser }) => touser));
    const capped = everybody.filter((openid) => !inMarch.has(openid)).slice(0, 100);
    const audience = { type: "openids", openids: capped };
    expect(await story.post("/v1/accounts/acme/external-sends", { audience })).toMatchObject({
      ...{ status: 201, month: "2126-04" },
    });
    expect(await story.move("resume", "slips")).toMatchObject({ status: 200 });

    const report = await story.report(job);
    expectTrue(desk, "slips", report);
    expect(report).toMatchObject({
      ...{ state: "completed", sendCalls: 3, batches: { planned: 3, succeeded: 3 } },
      audience: { received: 25_000, capped: 100, admitted: 24_900 },
    });
    const left = new Set(capped);
    expectOnce(
      desk,
      "slips",
      everybody.filter((openid) => !left.has(openid)),
    );
    expect(await story.fateOf("slips", capped[0] ?? "")).toMatchObject({ outcome: "capped" });
    expect(await story.get(`/v1/accounts/acme/caps/${capped[0]}`)).toMatchObject({
      month: "2126-04",
      used: 1,
    });
  },
);
