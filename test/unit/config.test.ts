import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Config, Environment, loadConfig } from "../../src/config.ts";
import { Failure } from "../../src/failure.ts";
import { OWN_PATHS } from "../../src/setting.ts";

const folder = mkdtempSync(join(tmpdir(), "qunfa-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

const acme = { id: "acme", appid: "wx0123456789abcdef", secret: "s", kind: "service", token: "t" };

function accountsFile(content: unknown): string {
  const file = join(folder, `${Math.random()}.json`);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

const least = { REDIS_URL: "redis://127.0.0.1:6379", QUNFA_ACCOUNTS: accountsFile({ accounts: [acme] }) };
const load = (env: Record<string, string | undefined>, role: "server" | "worker" = "server"): Config =>
  loadConfig({ ...least, ...env }, role);

/** The lines below the first of the message. */
function problemsOf(env: Record<string, string | undefined>, role: "server" | "worker" = "server"): string[] {
  try {
    load(env, role);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "BAD_CONFIG") throw error;
    return error.message
      .split("\n")
      .slice(1)
      .map((line) => line.trim());
  }
  return [];
}

describe("a configuration", () => {
  test("needs no more than a Redis and an accounts file", () => {
    expect(load({})).toMatchObject({
      redisUrls: ["redis://127.0.0.1:6379"],
      host: "127.0.0.1",
      port: 3000,
      apiKeys: [],
      dashboardPassword: undefined,
      concurrency: 20,
      pollMs: [60_000, 120_000, 300_000, 600_000, 1_800_000],
      giveUpMs: 172_800_000,
      sendTimeoutMs: 20_000,
      resendWaitMs: 60_000,
      resendWindowMs: 82_800_000,
      lockMs: 30_000,
      retentionMs: 2_592_000_000,
      jobRetentionMs: 604_800_000,
      reconcileMs: 30_000,
      logLevel: "info",
    });
  });

  test("is frozen, down to its lists and accounts", () => {
    const config = load({ QUNFA_API_KEYS: "ci:k1" });
    for (const part of [
      config,
      config.pollMs,
      config.accounts,
      config.accounts[0]?.limits,
      config.apiKeys[0],
    ]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  test("takes a variable set to nothing as not set", () => {
    expect(load({ PORT: "", QUNFA_DASHBOARD_PASSWORD: " " })).toMatchObject({
      port: 3000,
      dashboardPassword: undefined,
    });
  });

  test("lists every wrong variable in one message, and repeats none of the values", () => {
    const problems = problemsOf({
      REDIS_URL: "http://topsecret",
      PORT: "70000",
      QUNFA_POLL_MS: "100,99",
      QUNFA_LOCK_MS: "999",
      QUNFA_RESEND_WINDOW_MS: "86400001",
      QUNFA_API_KEYS: "topsecret",
      QUNFA_LOG_LEVEL: "loud",
      QUNFA_TRUSTED_PROXIES: "10.0.0.0/33",
      QUNFA_ACCOUNTS: join(folder, "nowhere.json"),
    });
    expect(problems.map((line) => line.split(":")[0])).toEqual([
      ...["REDIS_URL", "PORT", "QUNFA_API_KEYS", "QUNFA_POLL_MS", "QUNFA_RESEND_WINDOW_MS", "QUNFA_LOCK_MS"],
      ...["QUNFA_TRUSTED_PROXIES", "QUNFA_LOG_LEVEL", "QUNFA_ACCOUNTS"],
    ]);
    expect(problems.join()).not.toContain("topsecret");
  });

  test("says what to do when Redis or accounts are not set", () => {
    const problems = problemsOf({ REDIS_URL: undefined, QUNFA_ACCOUNTS: undefined }, "worker");
    expect(problems).toEqual([
      expect.stringMatching(/^REDIS_URL: is not set; expected redis:/),
      expect.stringMatching(/^QUNFA_ACCOUNTS: is not set; expected the path/),
    ]);
  });

  test("takes times as short as 100 ms", () => {
    expect(load({ QUNFA_POLL_MS: "100, 200", QUNFA_GIVE_UP_MS: "100", QUNFA_LOCK_MS: "1000" })).toMatchObject(
      {
        pollMs: [100, 200],
        giveUpMs: 100,
        lockMs: 1000,
      },
    );
    expect(problemsOf({ QUNFA_GIVE_UP_MS: "99" })).toHaveLength(1);
    expect(problemsOf({ QUNFA_GIVE_UP_MS: "1e3" })).toHaveLength(1);
  });
});

describe("REDIS_URL", () => {
  test("with commas means a cluster, which has no rediss", () => {
    expect(load({ REDIS_URL: "redis://a:1,redis://b:2" }).redisUrls).toEqual(["redis://a:1", "redis://b:2"]);
    expect(load({ REDIS_URL: "rediss://u:p@a:1/2" }).redisUrls).toEqual(["rediss://u:p@a:1/2"]);
    expect(problemsOf({ REDIS_URL: "redis://a:1,rediss://b:2" })).toHaveLength(1);
    expect(problemsOf({ REDIS_URL: "redis://" })).toHaveLength(1);
  });

  test.each([
    "redis://a:1/prod",
    "redis://a:1/-1",
    "redis://a:1/1.5",
    "redis://a:1/1/2",
    "redis://a:1,redis://b:2/1",
  ])("names a database by its number, and of a cluster none: not %s", (url) => {
    expect(problemsOf({ REDIS_URL: url })).toEqual([expect.stringMatching(/^REDIS_URL: expected redis:/)]);
  });
});

describe("the server without keys", () => {
  test("refuses to listen to more than this machine", () => {
    for (const host of ["0.0.0.0", "::", "192.168.1.5", "example.com"]) {
      expect(problemsOf({ HOST: host })).toEqual([expect.stringContaining("QUNFA_API_KEYS")]);
    }
  });

  test("listens on loopback, and with keys anywhere", () => {
    for (const host of ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
      expect(problemsOf({ HOST: host })).toEqual([]);
    expect(problemsOf({ HOST: "0.0.0.0", QUNFA_API_KEYS: "ci:k1" })).toEqual([]);
    expect(problemsOf({ HOST: "0.0.0.0" }, "worker")).toEqual([]);
  });
});

describe("API keys", () => {
  test("have all scopes unless they name some", () => {
    expect(load({ QUNFA_API_KEYS: "ci:k1, shop:k2:read+send" }).apiKeys).toEqual([
      { name: "ci", key: "k1", scopes: ["read", "send", "admin"] },
      { name: "shop", key: "k2", scopes: ["read", "send"] },
    ]);
  });

  test.each(["ci", "ci:", ":k", "ci:k:write", "ci:k:", "ci:k:read:x", "a:k,a:l", "a:k,b:k", "a:k,"])(
    "can't be written %j",
    (value) => expect(problemsOf({ QUNFA_API_KEYS: value })).toHaveLength(1),
  );
});

describe("what stands around the server", () => {
  test("is read from lists and paths", () => {
    const env = {
      QUNFA_BASE_PATH: "/qunfa/",
      QUNFA_TRUSTED_PROXIES: "10.0.0.0/8, ::1",
      QUNFA_ALLOW_PRIVATE_URLS: "Intranet:8080,[::1]",
      https_proxy: "proxy.corp:3128",
      NO_PROXY: "a.example, .b.example",
    };
    expect(load(env)).toMatchObject({
      basePath: "/qunfa",
      trustedProxies: ["10.0.0.0/8", "::1"],
      allowPrivateUrls: ["intranet:8080", "[::1]"],
      httpsProxy: "http://proxy.corp:3128/",
      noProxy: ["a.example", ".b.example"],
    });
  });
});

describe("the base path", () => {
  test.each(["/", "/qunfa", "/mass/v1", "/v1-mass/", "/a.b/~c"])("may be %j", (path) =>
    expect(problemsOf({ QUNFA_BASE_PATH: path })).toEqual([]),
  );

  test.each(["qunfa", "//", "/a//b", "/a/../b", "/.", "/a b", "/a?b", "https://a.example/q"])(
    "can't be written %j",
    (path) => expect(problemsOf({ QUNFA_BASE_PATH: path })).toHaveLength(1),
  );

  test.each(OWN_PATHS)("can't be /%s, which is the server's own", (own) => {
    for (const path of [`/${own}`, `/${own}/`, `/${own}/more`])
      expect(problemsOf({ QUNFA_BASE_PATH: path })).toEqual([expect.stringMatching(/^QUNFA_BASE_PATH: /)]);
  });
});

describe("the accounts file", () => {
  const withAccounts = (...accounts: unknown[]) => ({ QUNFA_ACCOUNTS: accountsFile({ accounts }) });

  test("gets its defaults, which depend on the kind of account", () => {
    const subscription = { ...acme, id: "news", appid: "wx1111111111111111", kind: "subscription" };
    const [first, second] = load(
      withAccounts({ ...acme, apiBase: "http://127.0.0.1:3100/" }, subscription),
    ).accounts;
    expect(first).toMatchObject({ apiBase: "http://127.0.0.1:3100", mpBase: "https://mp.weixin.qq.com" });
    expect(first?.limits).toEqual({
      sendCallsPerDay: 100,
      callsPerMinute: 60,
      perUserPerMonth: 4,
      uploadNewsPerDay: 10,
      deleteCallsPerDay: 10,
      previewCallsPerDay: 100,
    });
    expect(second).toMatchObject({ apiBase: "https://api.weixin.qq.com", limits: { sendCallsPerDay: 1 } });
  });

  test("says where pictures come from, and by which way articles go", () => {
    const given = { ...acme, mpBase: "http://127.0.0.1:3100/mp/", articles: "uploadnews" };
    expect(load(withAccounts(given)).accounts[0]).toMatchObject({
      mpBase: "http://127.0.0.1:3100/mp",
      articles: "uploadnews",
    });
    expect(load(withAccounts(acme)).accounts[0]).not.toHaveProperty("articles");
    const problems = problemsOf(withAccounts({ ...acme, mpBase: "ftp://x", articles: "news" })).join("\n");
    for (const field of ["mpBase", "articles"]) expect(problems).toContain(`accounts[0].${field}: `);
  });

  test("names each wrong field by its place", () => {
    const bad = { ...acme, id: "ACME", kind: "shop", colour: "red", limits: { perUserPerMonth: 5 } };
    const problems = problemsOf(withAccounts(bad)).join("\n");
    for (const place of ["[0].id: ", "[0].kind: ", "[0].limits.perUserPerMonth: ", "[0]: "]) {
      expect(problems).toContain(`accounts${place}`);
    }
    expect(problems).toContain("colour");
  });

  test("has no id and no appid twice", () => {
    const problems = problemsOf(withAccounts(acme, acme));
    expect(problems).toEqual([
      expect.stringContaining("accounts[1].id: is used twice"),
      expect.stringContaining("accounts[1].appid: is used twice"),
    ]);
  });

  test("takes secrets from the environment, and says which one is not set", () => {
    const file = withAccounts({ ...acme, secret: "env:ACME_SECRET", encodingAESKey: "env:ACME_KEY" });
    const key = "a".repeat(43);
    expect(load({ ...file, ACME_SECRET: "s3", ACME_KEY: key }).accounts[0]).toMatchObject({
      secret: "s3",
      encodingAESKey: key,
    });
    expect(problemsOf({ ...file, ACME_KEY: key })).toEqual([
      expect.stringMatching(/accounts\[0\]\.secret: the variable ACME_SECRET is not set$/),
    ]);
    expect(problemsOf({ ...file, ACME_SECRET: "s3", ACME_KEY: "short" })).toHaveLength(1);
  });

  test.each([
    ["is not JSON", '{ "accounts": [ topsecret'],
    ["expected at least one account", { accounts: [] }],
    ["expected object, received array", []],
    ["accounts: Invalid input: expected array", {}],
  ])("that is wrong as a whole: %s", (message, content) => {
    const problems = problemsOf({ QUNFA_ACCOUNTS: accountsFile(content) });
    expect(problems).toEqual([expect.stringContaining(message)]);
    expect(problems.join()).not.toContain("topsecret");
  });
});

describe(".env.example", () => {
  const text = readFileSync(".env.example", "utf8");
  const named = [...text.matchAll(/^(?:# )?([A-Z][A-Z_]*)=/gm)].map(([, name]) => name as string);

  test("names every variable once", () => {
    expect(named.length).toBe(new Set(named).size);
    expect(named).toEqual(expect.arrayContaining(Object.keys(Environment.shape)));
  });

  test("names no other than the sandbox's and those of its own accounts file", () => {
    const ofAccounts = [...readFileSync("examples/accounts.sandbox.json", "utf8").matchAll(/env:([A-Z_]+)/g)];
    const known = [...Object.keys(Environment.shape), ...ofAccounts.map(([, name]) => name)];
    expect(named.filter((name) => !known.includes(name) && !name.startsWith("QUNFA_SANDBOX_"))).toEqual([]);
  });

  test("shows the defaults as they are", () => {
    const shown = [...text.matchAll(/^# ([A-Z_]+)=(.+)$/gm)].filter(
      ([, name]) => name && name in Environment.shape,
    );
    const env = Object.fromEntries(shown.map(([, name, value]) => [name, value]));
    expect(Object.keys(env).length).toBeGreaterThan(10);
    expect(load(env)).toEqual(load({}));
  });
});
