import { describe, expect } from "vitest";
import { type Options, run } from "./qunfa.ts";
import { type Rig, test } from "./rig.ts";

const uuid = "6b2f0c1e-3b1c-4a0e-9f43-0123456789ab";
const name = "November offer, for everybody who has been here before";

async function listed(rig: Rig, options: Options) {
  const env = { NO_COLOR: "1", ...options.env };
  const { code, stdout } = await run(rig, ["campaign", "list"], { ...options, env });
  expect(code).toBe(0);
  return stdout;
}

/** Han characters of the titles take two columns. */
const width = (text: string) =>
  Math.max(...text.split("\n").map((line) => line.length + (line.match(/\p{Script=Han}/gu)?.length ?? 0)));

describe("a list of campaigns fits the terminal", () => {
  test("by names that are cut, where that is enough", async ({ rig }) => {
    await rig.prepare("o", { name: `${name}群发` });
    const told = await listed(rig, { columns: 110 });
    expect(width(told)).toBe(110);
    expect(told).toMatch(/│ o +│ acme .* 2031-03-04T12:00:00\+08:00 │ November.*… │/);
  });

  test("of 80 columns by two lines for each; no id is cut", async ({ rig }) => {
    await rig.prepare(uuid, { name });
    await rig.prepare("x".repeat(36));
    await rig.setCampaign(uuid, { state: "partly_completed" });
    for (const env of [{}, { LANG: "zh_CN.UTF-8" }]) {
      const told = await listed(rig, { env });
      expect(width(told)).toBeLessThanOrEqual(80);
      expect(told).toContain(`│ ${uuid}`);
      expect(told).toMatch(/│ 2031-03-04T12:00:00\+08:00 Nov.*… │/);
    }
    expect(await listed(rig, {})).toMatch(/ partly +│[\s\S]* completed +│/);
  });

  test("and is as wide as it needs in a pipe", async ({ rig }) => {
    await rig.prepare(uuid, { name });
    expect(await listed(rig, { isTty: false })).toContain(`│ 2031-03-04T12:00:00+08:00 │ ${name} │`);
  });
});

describe("where the next page begins", () => {
  test("is told on stderr beside a value a line", async ({ rig }) => {
    for (const id of ["one", "two"]) await rig.prepare(id);
    const page = ["campaign", "list", "--limit", "1", "-o"];
    const lines = await run(rig, [...page, "ndjson"]);
    const [, cursor = ""] = /^There are more: --cursor (\S+)\n$/.exec(lines.stderr) ?? [];
    expect(
      lines.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).id),
    ).toHaveLength(1);
    const json = await run(rig, [...page, "json"]);
    expect({ ...JSON.parse(json.stdout), stderr: json.stderr }).toMatchObject({
      nextCursor: cursor,
      stderr: "",
    });
    const last = await run(rig, [...page, "ndjson", "--cursor", cursor]);
    expect({ code: last.code, stderr: last.stderr }).toEqual({ code: 0, stderr: "" });
  });

  test("of an audit log too", async ({ rig }) => {
    await rig.prepare("offer", { startAt: rig.clock.now() + 1_000 });
    for (const move of ["pause", "resume"]) await run(rig, ["campaign", move, "offer"]);
    const audit = ["account", "audit", "--account", "acme", "--limit", "1", "-o", "ndjson"];
    expect((await run(rig, audit)).stderr).toMatch(/^There are more: --cursor \d+-\d+\n$/);
  });
});

test("a cursor that is none is told by its option", async ({ rig }) => {
  for (const list of [
    ["campaign", "list"],
    ["account", "audit", "--account", "acme"],
  ])
    expect(await run(rig, [...list, "--cursor", "x"])).toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/^INVALID_PARAMETER: --cursor: expected .*nextCursor/),
    });
});

describe("what there is not is not found", () => {
  test("an account", async ({ rig }) => {
    expect(await run(rig, ["campaign", "list", "--account", "shop"])).toEqual({
      code: 66,
      stdout: "",
      stderr: "NOT_FOUND: The accounts file has no such account, only acme.\n",
    });
    expect((await run(rig, ["campaign", "list", "--account", "acme"])).code).toBe(0);
  });

  test("a campaign of an audit log, but for one whose entries are left", async ({ rig }) => {
    const audit = ["account", "audit", "--account", "acme", "--campaign"];
    expect(await run(rig, [...audit, "offer"])).toEqual({
      code: 66,
      stdout: "",
      stderr: "NOT_FOUND: There is no such campaign.\n",
    });
    await rig.prepare("offer", { startAt: rig.clock.now() + 1_000 });
    expect(await run(rig, [...audit, "offer"])).toMatchObject({ code: 0, stdout: "Nothing was done.\n" });
    await run(rig, ["campaign", "pause", "offer"]);
    await rig.redis.del(rig.keys.campaign("acme", "offer" as never));
    expect(await run(rig, [...audit, "offer"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("offer"),
    });
  });
});

test("a campaign shows when it starts, when it sends, until when, and its hold", async ({ rig }) => {
  const bare = await rig.prepare("bare");
  await rig.prepare("offer", {
    startAt: Date.parse("2036-12-01T09:00:00+08:00"),
    deadline: Date.parse("2036-12-02T18:00:00+08:00"),
    ...{ windowFrom: 540, windowTo: 1_260, hold: "first-batch" as const },
  });
  const rows = async (id: string, env = {}) =>
    (await run(rig, ["campaign", "show", id], { isTty: false, env })).stdout.replace(/ +/g, " ");
  const told = await rows("offer");
  for (const row of [
    "│ starts │ 2036-12-01T09:00:00+08:00 │",
    "│ sends only │ 09:00-21:00 │",
    "│ deadline │ 2036-12-02T18:00:00+08:00 │",
    "│ hold │ one batch, and the others once it has succeeded │",
  ])
    expect(told).toContain(row);
  expect(await rows("offer", { LANG: "zh_CN.UTF-8" })).toMatch(/│ 发送时段 │ 09:00-21:00 │/);
  expect(await rows(bare.id)).not.toMatch(/starts|sends only|deadline|hold/);
});
