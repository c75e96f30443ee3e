import { describe, expect, test } from "vitest";
import { accountsFile, acme, load, problemsOf } from "./config-rig.ts";

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
    const { token: _, ...rest } = acme;
    const bad = { ...rest, id: "ACME", kind: "shop", secret: 5, limits: { perUserPerMonth: 5 } };
    const told = (account: object) =>
      problemsOf(withAccounts(account)).map((line) => line.replace(/^.*json: /, ""));
    expect(told(bad)).toEqual([
      "accounts[0].id: expected 1 to 32 of a-z, 0-9 and -, the first no -",
      "accounts[0].secret: expected text",
      "accounts[0].kind: expected one of service, subscription",
      "accounts[0].token: is missing",
      "accounts[0].limits.perUserPerMonth: expected at most 4",
    ]);
    expect(told({ ...acme, colour: "red", shape: "round" })).toEqual([
      "accounts[0].colour: there is no such field",
      "accounts[0].shape: there is no such field",
    ]);
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
    ["expected an object", []],
    ["accounts: is missing", {}],
  ])("that is wrong as a whole: %s", (message, content) => {
    const problems = problemsOf({ QUNFA_ACCOUNTS: accountsFile(content) });
    expect(problems).toEqual([expect.stringContaining(message)]);
    expect(problems.join()).not.toContain("topsecret");
  });
});
