import { readFileSync } from "node:fs";
import { describe, expect } from "vitest";
import { type Audience, audiences, openSteps, type Steps } from "./errcode-rig.ts";
import { desk, ofOtherCalls, ofRecipients, polls, type Row, table } from "./errcode-table.ts";
import { account, minute, type Rig, test } from "./rig.ts";

const everyone = Object.keys(audiences) as Audience[];
const rows = table.flatMap((row) =>
  row.codes.flatMap((code) => (row.of ?? everyone).map((audience) => ({ code, audience, row }))),
);
const titled = rows.map((of): [string, (typeof rows)[number]] => [
  `${of.code} to ${of.audience}${of.row.msgId === false ? ", without a msg_id" : ""}`,
  of,
]);

const answer = (errcode: number, { msgId }: Pick<Row, "msgId"> = {}) => ({
  ...{ errcode, errmsg: "said so rid: 64f1-2" },
  ...(msgId && { msg_id: "90071992547409933" }),
});

const mayBeOut = ({ batch }: Row) => batch !== "planned" && batch !== "failed";

/** How a campaign of one batch ends, if it does. */
const ends: Readonly<Record<string, object>> = {
  failed: { state: "failed", reason: "REFUSED" },
  needs_review: { state: "partly_completed", reason: "NEEDS_REVIEW" },
};

/** The account's stop as an operator sees it. */
async function stopOf(rig: Rig, { inWords }: Steps) {
  const block = await rig.blocks.of(account);
  return block && [block.reason, inWords(block.until)];
}

/** What holds of a batch, its campaign and its account right after the call. */
async function expectStanding(rig: Rig, steps: Steps, code: number, row: Row | Row["repeat"]) {
  const { batch, why, waits, calls } = row;
  const is = await rig.get(steps.address("offer"));
  expect(is).toMatchObject({ state: batch, calls });
  expect(is.trouble?.code).toBe(why);
  if (why) expect(is.trouble).toMatchObject({ errcode: code });
  const shown = await steps.shown("offer");
  expect(shown).toMatchObject({ state: waits ? "waiting" : "sending", waits });
  if (waits) expect(shown.why).toBe(code);
  expect(await rig.units()).toHaveLength(calls ?? 0);
  expect(new Set(steps.sends.map(({ clientmsgid }) => clientmsgid)).size).toBe(1);
  expect(steps.sends).toHaveLength(calls ?? 0);
}

/** The campaign's other batch: one that fails without a call gives its people back. */
async function expectRest(steps: Steps, { rest }: Row) {
  expect(await steps.fate("offer", 2)).toBe(rest);
  await steps.campaign("offer");
  expect(await steps.counted("offer", 2)).toBe(rest === "failed" ? 0 : 1);
}

describe("the first call of a batch, answered", () => {
  test.for(titled)("%s", async ([, { code, audience, row }], { rig }) => {
    const steps = openSteps(rig);
    await steps.send("offer", audience, answer(code, row));
    await expectStanding(rig, steps, code, { calls: 1, ...row });
    expect(await stopOf(rig, steps)).toEqual(row.stops ? row.waits : undefined);
    expect(await rig.inDoubt()).toHaveLength(row.batch === "unknown" ? 1 : 0);

    await steps.campaign("offer");
    expect(await steps.counted("offer")).toBe(audience === "tag" || !row.kept ? 0 : 1);
    if (audience === "list") await expectRest(steps, row);
    else expect((await steps.shown("offer")).report).toEqual(ends[row.batch]);

    await steps.campaign("list", "list");
    expect(await steps.fate("list")).toBe(row.list);
    await steps.campaign("all", "all");
    // One a day that may have gone out (WECHAT.md section 5).
    const isSpent = audience === "all" && mayBeOut(row);
    expect(await steps.fate("all")).toBe(isSpent ? "daily-quota" : row.all);
  });
});

describe("a repeat of a batch in doubt, answered", () => {
  test.for(titled)("%s", async ([, { code, audience, row }], { rig }) => {
    const steps = openSteps(rig);
    const { doubtSince } = await steps.send("offer", audience, { errcode: -1 });
    rig.clock.advance(minute);
    steps.answers.push(answer(code, row));
    await steps.batch("offer");
    await expectStanding(rig, steps, code, { calls: 2, ...row.repeat });
    if (row.repeat.batch === "unknown") {
      expect(await rig.get(steps.address("offer"))).toMatchObject({ doubtSince });
      expect(await rig.inDoubt()).toHaveLength(1);
    }
    await steps.campaign("offer");
    expect(await steps.counted("offer")).toBe(audience === "tag" ? 0 : 1);
    if (audience === "list") await expectRest(steps, row);
    else expect((await steps.shown("offer")).report).toEqual(ends[row.repeat.batch]);
  });
});

describe("the day's one send of a subscription account, answered", () => {
  const ofEachRow = titled.filter(
    ([, { code, audience, row }]) => audience === "all" && code === row.codes[0],
  );

  test.for(ofEachRow)("%s", async ([, { code, row }], { rig }) => {
    const steps = openSteps(rig, "subscription");
    const { state } = await steps.send("offer", "all", answer(code, row));
    expect(state).toBe(row.batch);
    // It counts sends that may have succeeded (MECHANICS section 4), and for nobody's month.
    expect(await rig.units()).toHaveLength(mayBeOut(row) ? 1 : 0);
    expect(await steps.counted("offer")).toBe(0);
  });
});

describe("codes that speak of single recipients", () => {
  test.for(ofRecipients)(
    "%i: nobody is sent to twice, and who may have been stays counted",
    async (code, { rig }) => {
      const steps = openSteps(rig);
      await steps.send("offer", "list", { errcode: -1 });
      rig.clock.advance(minute);
      steps.answers.push(answer(code));
      await steps.batch("offer");
      await steps.batch("offer");
      await steps.campaign("offer");
      expect(new Set(steps.sends.map(({ clientmsgid }) => clientmsgid)).size).toBe(1);
      expect(await steps.counted("offer")).toBe(1);
    },
  );
});

describe("a poll of an accepted batch, answered", () => {
  test.for(polls)("$answer", async ({ answer: told, batch, kept }, { rig }) => {
    const steps = openSteps(rig);
    await steps.send("offer", "all");
    rig.clock.advance(minute);
    // A token is replaced once on the way, so that the answer comes twice.
    steps.answers.push(told, told);
    expect(await steps.batch("offer")).toMatchObject({ state: batch, polls: 1 });
    expect(await stopOf(rig, steps)).toBeUndefined();
    await steps.campaign("offer");
    expect(await steps.counted("offer")).toBe(kept ? 1 : 0);
    expect(steps.sends).toHaveLength(1);
    if (batch !== "accepted") return;
    steps.answers.splice(0);
    rig.clock.advance(minute);
    expect(await steps.batch("offer")).toMatchObject({ state: batch, polls: 2 });
  });
});

describe("a call that no batch is concerned by, answered", () => {
  const calls = Object.entries(desk).flatMap(([name, kinds]) =>
    Object.entries(kinds).map(([code, kind]) => ({
      name: name as keyof typeof desk,
      code: Number(code),
      kind,
    })),
  );
  const made = {
    preview: ({ preview }: Steps["desk"]) =>
      preview({ target: { wxname: "w" }, message: { msgtype: "text", text: { content: "Hi" } } }),
    delete: ({ delete: remove }: Steps["desk"]) => remove({ msgId: "1000" }),
    getSpeed: ({ getSpeed }: Steps["desk"]) => getSpeed(),
    setSpeed: ({ setSpeed }: Steps["desk"]) => setSpeed(4),
  };

  test.for(calls)("$name with $code: $kind", async ({ name, code, kind }, { rig }) => {
    const steps = openSteps(rig);
    await steps.send("offer", "list");
    const ledger = async () => {
      const all = Object.entries(await rig.dump());
      return all.filter(([key]) => !key.includes(":token"));
    };
    const before = await ledger();
    steps.answers.push(answer(code), answer(code));
    const reply = await made[name](steps.desk);
    expect("wait" in reply ? `${reply.kind} ${reply.wait}` : reply.kind).toBe(kind);
    expect(await ledger()).toEqual(before);
  });
});

describe("the table", () => {
  /** The codes that a section of WECHAT.md lists as errors. */
  function listed(number: string): number[] {
    const text = readFileSync("docs/WECHAT.md", "utf8");
    const section = text.split(/^#{2,3} /m).find((part) => part.startsWith(`${number} `)) ?? "";
    const lists = number.startsWith("4.")
      ? [...section.matchAll(/^\| ([^|]+) \|/gm)].map(([, codes = ""]) => codes)
      : [
          ...section.matchAll(
            /(?:[Ee]rror codes listed|[Ee]xtra errors|[Ee]rrors) .*$|[Ee]xtra errors:.*$/gm,
          ),
        ].map(([line]) => line);
    return lists.flatMap((list) =>
      [...list.matchAll(/(−1(?!\d)|\b\d{5,9})(?:–(\d{5}))?\b/g)].flatMap(([, from = "", to]) => {
        const start = Number(from.replace("−", "-"));
        return Array.from({ length: to ? Number(to) - start + 1 : 1 }, (_, at) => start + at);
      }),
    );
  }

  const sends = [...rows.map(({ code }) => code), ...ofRecipients];
  const pollCodes = polls.flatMap(({ answer: told }) => ("errcode" in told ? [told.errcode as number] : []));
  const ofDesk = (...names: (keyof typeof desk)[]) =>
    names.flatMap((name) => Object.keys(desk[name]).map(Number));

  test.for<[string, number, readonly number[]]>([
    ["2.2", 19, sends],
    ["2.3", 6, sends],
    ["2.4", 5, ofDesk("preview")],
    ["2.5", 5, ofDesk("delete")],
    ["2.6", 7, pollCodes],
    ["2.7", 5, ofDesk("getSpeed", "setSpeed")],
    ["4.1", 60, [...sends, ...ofOtherCalls, 0]],
    ["4.2", 40, sends],
  ])("has a row for every code of section %s", ([section, atLeast, has]) => {
    const codes = listed(section);
    expect(new Set(codes).size).toBeGreaterThanOrEqual(atLeast);
    expect(codes.filter((code) => !has.includes(code))).toEqual([]);
  });

  test("has one row for a code and an audience", () => {
    expect(new Set(titled.map(([title]) => title)).size).toBe(titled.length);
  });
});
