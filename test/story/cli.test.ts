import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openRedisServer } from "../support/redis-server.ts";
import { runQunfa } from "./qunfa.ts";
import { people } from "./rig.ts";

const folder = mkdtempSync(join(tmpdir(), "qunfa-cli-"));
const accounts = join(folder, "accounts.json");
/** An account for each test: they share the Redis. */
const ids = ["list", "all", "once", "input"];
const common = { secret: "sEcReT", kind: "service", token: "tOkEn", limits: { perUserPerMonth: 3 } };
const all = ids.map((id, place) => ({ id, appid: `wx000000000000000${place}`, ...common }));
writeFileSync(accounts, JSON.stringify({ accounts: all }));

let redis: Awaited<ReturnType<typeof openRedisServer>>;
beforeAll(async () => {
  redis = await openRedisServer();
});
afterAll(async () => {
  await redis.close();
  rmSync(folder, { recursive: true });
});

type Options = Parameters<typeof runQunfa>[1];

const qunfa = (args: readonly string[], { env, ...options }: Options = {}) =>
  runQunfa(args, { env: { REDIS_URL: redis.url, QUNFA_ACCOUNTS: accounts, ...env }, ...options });

/** Runs it for a machine; answers what it printed. */
async function answerTo(...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await qunfa([...args, "-o", "json"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}

test("qunfa caps book counts the people of a file, and everybody; qunfa caps show shows it", async () => {
  const file = join(folder, "list.txt");
  writeFileSync(file, `openid\n${people(40).join("\n")}\n`);
  const book = ["caps", "book", "--account", "list"];
  expect(await answerTo(...book, "--file", file)).toMatchObject({ isNew: true, audience: { booked: 40 } });
  const { stdout } = await qunfa([...book, "--all"], { env: { LANG: "zh_CN.UTF-8" } });
  expect(stdout).toMatch(/^全部关注者在 \d{4}-\d\d 各多计一条群发。\n$/);
  expect(await answerTo("caps", "show", "--account", "list")).toMatchObject({ users: { 2: 40 }, base: 1 });
  const person = ["--openid", people(1)[0] ?? ""];
  expect(await answerTo("cap", "show", "--account", "list", ...person)).toMatchObject({ used: 2, left: 1 });
});

test("qunfa caps book counts once, by msg_id or key, however many run at once", async () => {
  const file = join(folder, "once.txt");
  writeFileSync(file, people(40).join("\n"));
  const book = ["caps", "book", "--account", "once", "--file", file];
  for (const by of [
    ["--msg-id", "3147483661"],
    ["--key", "console-1"],
  ]) {
    const answers = await Promise.all([1, 2, 3].map(() => answerTo(...book, ...by)));
    expect(answers.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  }
  expect(await answerTo("caps", "show", "--account", "once")).toMatchObject({ users: { 1: 0, 2: 40 } });
});

test("qunfa caps book reads a list of any length from standard input", async () => {
  const input = people(120_000).join("\n");
  const { stdout } = await qunfa(["caps", "book", "--account", "input", "--file", "-"], { input });
  expect(stdout).toMatch(/^120,000 people count one mass message more in \d{4}-\d\d\.\n/);
});

test("qunfa audience stores, lists, shows and removes lists, and has followers read", async () => {
  const file = join(folder, "audience.ndjson");
  writeFileSync(
    file,
    people(12_000)
      .map((openid) => JSON.stringify({ openid }))
      .join("\n"),
  );
  const stored = await answerTo("audience", "upload", file, "--name", "November");
  expect(stored).toMatchObject({ state: "ready", received: 12_000, invalid: 0, name: "November" });
  const piped = await qunfa(["audience", "upload", "-"], { input: `openid\n${people(3).join("\n")}\nbad\n` });
  expect(piped.stdout).toMatch(/ready[\s\S]* 4 [\s\S]* 1 /);
  const id = String(stored.audienceId);
  expect(await answerTo("audience", "show", id)).toEqual(stored);
  expect(await answerTo("audience", "list")).toContainEqual(stored);
  expect(await answerTo("audience", "remove", id)).toMatchObject({ removed: true });
  expect((await qunfa(["audience", "show", id])).code).toBe(66);

  const reading = await answerTo("audience", "read", "--account", "list", "--tag", "100", "--name", "VIP");
  expect(reading).toMatchObject({ state: "reading", account: "list", source: { type: "tag", tagId: 100 } });
  const removed = await qunfa(["audience", "remove", String(reading.audienceId)], {
    env: { LANG: "zh_CN.UTF-8" },
  });
  expect(removed).toEqual({ code: 0, stdout: "名单已删除。\n", stderr: "" });
  const wrong = [
    ["audience", "read", "--account", "list"],
    ["audience", "read", "--account", "list", "--all", "--tag", "1"],
    ["audience", "read", "--account", "list", "--tag", "x"],
    ["audience", "upload", file, "--format", "xml"],
  ];
  for (const args of wrong) expect((await qunfa(args)).code).toBe(64);
  expect((await qunfa(["audience", "upload", join(folder, "none.csv")])).code).toBe(66);
  expect((await qunfa(["audience", "read", "--account", "nobody", "--all"])).code).toBe(66);
});

test("qunfa reads a list that is packed by gzip, whatever its name", async () => {
  const packed = gzipSync(people(5_000).join("\n"));
  const of = (name: string, bytes: Uint8Array) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  const ndjson = people(5_000).map((openid) => JSON.stringify({ openid }));
  for (const file of [
    of("list.csv.gz", packed),
    of("list", packed),
    of("list.ndjson.gz", gzipSync(ndjson.join("\n"))),
  ])
    expect(await answerTo("audience", "upload", file), file).toMatchObject({ received: 5_000, invalid: 0 });
  const added = await answerTo("account", "do-not-send", "add", of("one.gz", packed), "--account", "once");
  expect(added).toMatchObject({ received: 5_000, invalid: 0 });
  const book = ["cap", "book", "--account", "input", "--file", of("list.txt", packed)];
  expect(await answerTo(...book)).toMatchObject({ audience: { booked: 5_000 } });

  const lists = await answerTo("audience", "list");
  const bomb = gzipSync(`${people(1)[0]}\n`.repeat(1_000_000));
  for (const [file, code, says] of [
    [of("cut.gz", packed.subarray(0, 1_000)), 64, /^BAD_REQUEST: .*no whole gzip/],
    [of("bomb.gz", bomb), 65, /^TOO_LARGE: .*unpacks to more than 100 times/],
    [of("list.xlsx", Buffer.from("PK\u0003\u0004rest")), 65, /^UNSUPPORTED_MEDIA_TYPE: .*zip.*CSV/],
  ] as const) {
    const { stdout, stderr, ...ended } = await qunfa(["audience", "upload", file]);
    expect({ stdout, ...ended }).toEqual({ code, stdout: "" });
    expect(stderr).toMatch(says);
  }
  expect(await answerTo("audience", "list")).toEqual(lists);
});

test("qunfa account do-not-send adds, lists and removes people", async () => {
  const of = (...args: string[]) => ["account", "do-not-send", ...args, "--account", "list"];
  const input = [...people(1_000), "bad", ...people(2)].join("\n");
  expect((await qunfa(of("add", "-"), { input })).stdout).toBe(
    "1,000 people are new on the list. The file had 1,003 entries, 1 malformed.\n",
  );
  const [one = ""] = people(1);
  expect((await qunfa(of("remove", one))).code).toBe(0);
  expect((await qunfa(of("remove", one))).code).toBe(66);
  const mistyped = await qunfa(of("remove", one.slice(0, 15)));
  expect(mistyped.code).toBe(64);
  expect(mistyped.stderr).not.toContain("oStory");
  const { stdout } = await qunfa(of("list"));
  expect(stdout.trimEnd().split("\n").sort()).toEqual(people(999, 1));
});

test("a wrong configuration ends it, each variable named and no secret shown", async () => {
  const env = { REDIS_URL: "http://pass-word@127.0.0.1", QUNFA_ACCOUNTS: "", PORT: "x" };
  const { code, stdout, stderr } = await qunfa(["caps", "book", "--account", "all", "--all"], { env });
  expect({ code, stdout }).toEqual({ code: 78, stdout: "" });
  expect(stderr).toMatch(/^BAD_CONFIG: /);
  for (const name of ["REDIS_URL", "QUNFA_ACCOUNTS", "PORT"])
    expect(stderr.match(new RegExp(`^ {2}${name}: `, "gm")), name).toHaveLength(1);
  expect(stderr).not.toContain("pass-word");
});

test("a Redis that is away ends it, in one line", async () => {
  const env = { REDIS_URL: "redis://127.0.0.1:1" };
  const { code, stdout, stderr } = await qunfa(["caps", "show", "--account", "all"], { env });
  expect({ code, stdout }).toEqual({ code: 69, stdout: "" });
  expect(stderr).toMatch(/^REDIS_AWAY: .*ECONNREFUSED.*\n$/);
});

test("qunfa upload keeps a file for a campaign, told by its bytes, and refuses what WeChat does not take", async () => {
  const file = join(folder, "poster.png");
  writeFileSync(file, Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(1_000)]));
  const { uploadId, ...told } = await answerTo("upload", "add", file);
  expect(told).toMatchObject({ size: 1_004, type: "image/jpeg" });
  expect(uploadId).toMatch(/^[0-9a-f-]{36}$/);
  writeFileSync(file, "no picture at all");
  expect(await qunfa(["upload", "add", file])).toMatchObject({ code: 65 });
  expect(await qunfa(["upload", "add", join(folder, "nowhere.jpg")])).toMatchObject({ code: 66 });
  writeFileSync(file, Buffer.alloc(11 * 1_048_576));
  expect(await qunfa(["upload", "add", file])).toMatchObject({ code: 65 });
});
