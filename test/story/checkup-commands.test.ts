import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openRedisServer } from "../support/redis-server.ts";
import { startProcess } from "./process.ts";
import { runQunfa, startQunfa } from "./qunfa.ts";

const folder = mkdtempSync(join(tmpdir(), "qunfa-checkup-"));
const file = join(folder, "accounts.json");
const common = { secret: "sEcReT-word", kind: "service", token: "tOkEn-word" };
const sealed = { encodingAESKey: "k".repeat(43), forwardTo: "http://127.0.0.1:1/?key=hidden-word" };
const accounts = [
  { id: "plain", appid: "wx0000000000000001", ...common },
  { id: "sealed", appid: "wx0000000000000002", ...common, ...sealed },
];

type Sandbox = Awaited<ReturnType<typeof startSandbox>>;

/** `qunfa sandbox start`, once it says that it listens. */
async function startSandbox(...args: string[]) {
  const started = startQunfa(["-o", "json", "sandbox", "start", "--port", "0", ...args], {
    env: { QUNFA_ACCOUNTS: file },
  });
  const lines = createInterface({ input: started.child.stdout });
  const [line] = (await once(lines, "line")) as [string];
  return { ...started, told: JSON.parse(line) as { url: string; accounts: string[]; callbackBase: string } };
}

let redis: Awaited<ReturnType<typeof openRedisServer>>;
let sandbox: Sandbox;
let server: ReturnType<typeof startProcess>;
let url: string;
let env: Record<string, string>;
beforeAll(async () => {
  redis = await openRedisServer();
  writeFileSync(file, JSON.stringify({ accounts }));
  sandbox = await startSandbox("--followers", "20");
  const apiBase = sandbox.told.url;
  writeFileSync(file, JSON.stringify({ accounts: accounts.map((account) => ({ ...account, apiBase })) }));
  env = { REDIS_URL: redis.url, QUNFA_ACCOUNTS: file, PORT: "1" };
  server = startProcess("dist/src/main.js", { ...env, PORT: "0" });
  url = String((await server.says("The server is ready")).url);
});
afterAll(async () => {
  await server.stop();
  sandbox.child.kill("SIGINT");
  await sandbox.ended;
  expect(sandbox.child.exitCode).toBe(0);
  await redis.close();
  rmSync(folder, { recursive: true });
});

const qunfa = (args: readonly string[], more: Record<string, string> = {}) =>
  runQunfa(args, { env: { ...env, ...more } });

type Checks = { ok: boolean; checks: { check: string; account?: string; state: string; found: unknown }[] };

async function checksOf(args: readonly string[], more?: Record<string, string>) {
  const { code, stdout, stderr } = await qunfa([...args, "-o", "json"], more);
  expect(stderr).toBe("");
  const { ok, checks } = JSON.parse(stdout) as Checks;
  expect(ok).toBe(code === 0);
  const of = (check: string, account?: string) =>
    checks.find((one) => one.check === check && one.account === account);
  return { code, checks, of };
}

const fault = (...args: string[]) => qunfa(["sandbox", "fault", ...args, "--url", sandbox.told.url]);

test("account list shows what the accounts file says, and no secret; it works without a Redis", async () => {
  const away = { REDIS_URL: "redis://127.0.0.1:1" };
  const table = await qunfa(["account", "list"], away);
  expect(table).toMatchObject({ code: 0, stderr: "" });
  expect(table.stdout).toMatch(
    /plain +│ unknown │ service │ wx0000000000000001 │ +100 │ +4 [\s\S]*\(encrypted\)/,
  );
  const json = await qunfa(["account", "list", "-o", "ndjson"], away);
  expect(
    json.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { id: "plain", state: null, encrypted: false, forwards: false, callbackPath: "/wechat/plain/callback" },
    { id: "sealed", encrypted: true, forwards: true },
  ]);
  for (const { stdout } of [table, json]) expect(stdout).not.toMatch(/-word|kkkk/);
});

describe("account check", () => {
  test("of an account that is right passes: token, callback URL, quota", async () => {
    const { code, of } = await checksOf(["account", "check", "sealed", "--url", `${url}/`]);
    expect(code).toBe(0);
    expect(of("token", "sealed")).toMatchObject({ state: "ok", found: 120 });
    expect(of("callback", "sealed")).toMatchObject({ state: "ok", found: `${url}/wechat/sealed/callback` });
    expect(of("quota", "sealed")).toMatchObject({ state: "ok", found: 100 });
  });

  test("of a caller that is not on the IP whitelist says so, and what to do", async () => {
    await fault("errcode", "--errcode", "40164", "--api", "stable_token", "--account", "plain");
    const { code, of } = await checksOf(["account", "check", "plain", "--url", url]);
    expect(code).toBe(69);
    expect(of("token", "plain")).toMatchObject({
      state: "fail",
      found: expect.stringContaining("Add the address to the account's IP whitelist."),
    });
    expect(of("callback", "plain")).toMatchObject({ state: "ok" });
  });

  test("of a callback URL tells the token that differs, the account that is missing, and nobody there", async () => {
    const other = join(folder, "other.json");
    const apiBase = sandbox.told.url;
    const changed = accounts.map((account) => ({ ...account, apiBase, token: "another" }));
    const added = { ...common, id: "new", appid: "wx0000000000000003", apiBase };
    writeFileSync(other, JSON.stringify({ accounts: [...changed, added] }));
    const found = async (...args: string[]) => {
      const { code, of } = await checksOf(["account", "check", ...args], { QUNFA_ACCOUNTS: other });
      return { exit: code, ...of("callback", args[0]) };
    };
    expect(await found("plain", "--url", url)).toMatchObject({ exit: 77, state: "fail" });
    expect(await found("new", "--url", url)).toMatchObject({
      state: "fail",
      found: expect.stringMatching(/knows no such/),
    });
    expect(await found("plain", "--url", "http://127.0.0.1:1")).toMatchObject({ exit: 69, state: "fail" });
    // Without an address it is only a guess where the server is.
    const guess = await found("plain");
    expect(guess).toMatchObject({
      exit: 0,
      state: "warn",
      found: expect.stringMatching(/127\.0\.0\.1:1\/.* does not answer: /),
    });
    expect((await qunfa(["account", "check", "nobody"])).code).toBe(66);
  });
});

test("account pause and resume stop and let go the campaigns of an account", async () => {
  const list = join(folder, "list.txt");
  writeFileSync(list, Array.from({ length: 3 }, (_, index) => `oCheckup_${index}000000000000`).join("\n"));
  const plan = ["campaign", "plan", "--account", "plain", "--text", "x", "--audience", list, "-o", "json"];
  const reason = async () => JSON.parse((await qunfa(plan)).stdout).reason as unknown;
  expect(await qunfa(["account", "pause", "plain", "--reason", "incident 12"])).toMatchObject({
    code: 0,
    stdout: "The account is paused.\n",
  });
  expect(await reason()).toBe("PAUSED");
  for (const args of [["doctor"], ["account", "check", "plain"]]) {
    const { code, of } = await checksOf([...args, "--url", url]);
    expect(code).toBe(0);
    expect(of("active", "plain")).toMatchObject({ state: "warn", found: "paused" });
  }
  expect((await qunfa(["account", "list"])).stdout).toMatch(/plain +│ paused │[\s\S]*sealed │ active │/);
  expect((await qunfa(["account", "resume", "plain"])).code).toBe(0);
  expect(await reason()).toBeNull();
  expect((await qunfa(["account", "pause", "nobody"])).code).toBe(66);
});

describe("doctor", () => {
  test("checks Redis, its settings, clock, workers, and each account's token and callback URL", async () => {
    const { code, checks, of } = await checksOf(["doctor", "--url", url]);
    expect(code).toBe(0);
    const names = "accounts redis version eviction appendOnly cluster clock workers";
    expect(checks.map(({ check }) => check)).toEqual([
      ...names.split(" "),
      ...["active", "active", "token", "callback", "token", "callback"],
    ]);
    for (const { id } of accounts) expect(of("token", id)).toMatchObject({ state: "ok", found: 120 });
    expect(of("workers")).toMatchObject({ state: "warn", found: 0 });
    const table = await qunfa(["doctor", "--url", url], { LANG: "zh_CN.UTF-8" });
    expect(table.stdout).toMatch(/plain：微信给出 access_token +│ 通过 +│ 有效 120 分钟/);
  });

  test("of a Redis that is away still asks WeChat; offline it asks nobody", async () => {
    const away = { REDIS_URL: "redis://127.0.0.1:1" };
    const { code, of } = await checksOf(["doctor", "--url", url], away);
    expect(code).toBe(69);
    expect(of("token", "plain")).toMatchObject({ state: "ok" });
    const { checks } = await checksOf(["doctor", "--offline"]);
    expect(checks.some(({ check }) => check === "token" || check === "callback")).toBe(false);
  });

  test("of WeChat that is away ends with its code", async () => {
    await fault("http-502", "--api", "stable_token", "--account", "sealed");
    const { code, of } = await checksOf(["doctor", "--url", url]);
    expect(code).toBe(69);
    expect(of("token", "sealed")).toMatchObject({
      state: "fail",
      found: expect.stringMatching(/^WeChat gave no/),
    });
  });
});

describe("sandbox", () => {
  const at = () => ["--url", sandbox.told.url];
  const answer = async (...args: string[]) =>
    JSON.parse((await qunfa([...args, ...at(), "-o", "json"])).stdout);

  test("start tells where it listens, and for whom", () => {
    expect(sandbox.told).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      accounts: ["plain", "sealed"],
      callbackBase: "http://127.0.0.1:3000",
    });
  });

  test("start says what is wrong with its variables", async () => {
    const variables = { QUNFA_SANDBOX_PORT: "many", QUNFA_SANDBOX_CALLBACK_BASE: "nowhere" };
    const wrong = await qunfa(["sandbox", "start"], variables);
    expect(wrong).toMatchObject({ code: 78, stdout: "" });
    expect(wrong.stderr).toMatch(
      /^BAD_CONFIG: [\s\S]*QUNFA_SANDBOX_PORT: [\s\S]*QUNFA_SANDBOX_CALLBACK_BASE|BASE[\s\S]*PORT/,
    );
  });

  test("fault orders one, shows those that are ordered, and calls them off", async () => {
    await answer("sandbox", "fault", "--clear");
    const ordered = await answer(
      ...[
        "sandbox",
        "fault",
        "errcode",
        "--errcode",
        "-1",
        "--skip",
        "2",
        "--times",
        "3",
        "--account",
        "plain",
      ],
    );
    expect(ordered).toMatchObject({ fault: "errcode", errcode: -1, after: 2, times: 3, api: "mass/send" });
    expect(await answer("sandbox", "fault")).toEqual([ordered]);
    expect((await fault()).stdout).toMatch(/errcode │ mass\/send │ plain +│ +0 │ +0 │ +3/);
    expect(await fault("errcode")).toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/^INVALID_PARAMETER: --errcode: needed/),
    });
    expect(await fault("nothing-such")).toMatchObject({ code: 64 });
    expect(await fault("--clear")).toMatchObject({ code: 0, stdout: "All faults are called off.\n" });
    expect(await answer("sandbox", "fault")).toEqual([]);
  });

  test("books show what it has accepted", async () => {
    const tokenOf = `${sandbox.told.url}/cgi-bin/stable_token`;
    const credentials = { grant_type: "client_credential", appid: accounts[0]?.appid, secret: common.secret };
    const asked = await fetch(tokenOf, { method: "POST", body: JSON.stringify(credentials) });
    const { access_token } = (await asked.json()) as { access_token: string };
    const message = { filter: { is_to_all: true }, msgtype: "text", text: { content: "x" } };
    const send = `${sandbox.told.url}/cgi-bin/message/mass/sendall?access_token=${access_token}`;
    await fetch(send, { method: "POST", body: JSON.stringify(message) });
    expect(await answer("sandbox", "books", "plain")).toMatchObject([
      { account: "plain", totals: { accepted: 1 } },
    ]);
    expect((await answer("sandbox", "books")).map(({ account }: { account: string }) => account)).toEqual([
      "plain",
      "sealed",
    ]);
    const { stdout } = await qunfa(["sandbox", "books", "plain", ...at()]);
    expect(stdout).toMatch(/plain +│ +\d+ │ +1 │ +\d+ │[\s\S]*│ text │ +20 │/);
    expect((await qunfa(["sandbox", "books", "nobody", ...at()])).code).toBe(66);
    const away = await qunfa(["sandbox", "books", "--url", "http://127.0.0.1:1"]);
    expect(away).toMatchObject({
      code: 69,
      stdout: "",
      stderr: expect.stringMatching(/^FETCH_FAILED: No sandbox answers at /),
    });
  });
});
