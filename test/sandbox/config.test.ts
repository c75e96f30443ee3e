import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { apis } from "../../src/sandbox/api.ts";
import { loadConfig, variableNames } from "../../src/sandbox/config.ts";
import { demoAccount } from "../../src/sandbox/demo-account.ts";
import { faultNames } from "../../src/sandbox/faults.ts";
import { openSandbox } from "../../src/sandbox/server.ts";

function accountsFile(content: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), "qunfa-sandbox-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "accounts.json");
  writeFileSync(path, JSON.stringify(content));
  return path;
}

describe("the configuration of the sandbox", () => {
  it("without any variable is the demo account on port 3100 of this machine", () => {
    const { settings, logLevel } = loadConfig({});
    expect(settings).toMatchObject({
      host: "127.0.0.1",
      port: 3100,
      accounts: [demoAccount],
      callbackBase: "http://127.0.0.1:3000",
      followers: 30_000,
      retryGapMs: 60_000,
    });
    expect(logLevel).toBe("info");
  });

  it("takes its own port before the common one, and ranges", () => {
    const env = {
      PORT: "8000",
      QUNFA_SANDBOX_LATENCY_MS: "5",
      QUNFA_SANDBOX_CALLBACK_DELAY_MS: "10-20",
      HOST: "",
    };
    expect(loadConfig(env).settings).toMatchObject({
      port: 8000,
      latencyMs: [5, 5],
      callbackDelayMs: [10, 20],
    });
    expect(loadConfig({ ...env, QUNFA_SANDBOX_PORT: "9000" }).settings.port).toBe(9000);
  });

  it("reads what is to be true or false", () => {
    const readFlag = (text: string) =>
      loadConfig({ QUNFA_SANDBOX_MEDIA_MUST_EXIST: text }).settings.mediaMustExist;
    expect(["true", "1", "false", "0", ""].map(readFlag)).toEqual([true, true, false, false, false]);
    expect(() => readFlag("perhaps")).toThrow("QUNFA_SANDBOX_MEDIA_MUST_EXIST");
  });

  it("reads an accounts file, takes secrets from the environment and leaves other fields alone", () => {
    const account = { ...demoAccount, id: "acme", secret: "env:ACME_SECRET", limits: { sendCallsPerDay: 5 } };
    const env = { QUNFA_ACCOUNTS: accountsFile({ accounts: [account] }), ACME_SECRET: "s3cret" };
    const [read] = loadConfig(env).settings.accounts;
    expect(read).toEqual({ ...demoAccount, id: "acme", secret: "s3cret" });
  });

  it("names every wrong variable in one message", () => {
    const env = {
      QUNFA_SANDBOX_PORT: "high",
      QUNFA_SANDBOX_FOLLOWERS: "-1",
      QUNFA_SANDBOX_CALLBACK_BASE: "ftp://elsewhere",
      QUNFA_SANDBOX_CALLBACK_MODE: "secret",
      QUNFA_SANDBOX_LATENCY_MS: "20-10",
      QUNFA_LOG_LEVEL: "loud",
      QUNFA_ACCOUNTS: "/nowhere/accounts.json",
    };
    const names = Object.keys(env).map((name) => expect.stringContaining(`  ${name}: `));
    let message = "";
    try {
      loadConfig(env);
    } catch (error) {
      expect(error).toMatchObject({ code: "BAD_CONFIG" });
      message = String((error as Error).message);
    }
    for (const name of names) expect(message).toEqual(name);
  });

  it.each([
    ["a missing secret", { ...demoAccount, secret: "env:NOT_SET" }, "NOT_SET"],
    ["a wrong key", { ...demoAccount, encodingAESKey: "short" }, "encodingAESKey"],
    ["a wrong kind", { ...demoAccount, kind: "personal" }, "kind"],
    ["a wrong id", { ...demoAccount, id: "Acme" }, "id"],
  ])("refuses an account with %s", (_what, account, named) => {
    expect(() => loadConfig({ QUNFA_ACCOUNTS: accountsFile({ accounts: [account] }) })).toThrow(named);
  });

  it("refuses two accounts with one id or one appid, a file without accounts, and a taken port", async () => {
    const twice = accountsFile({ accounts: [demoAccount, demoAccount] });
    expect(() => loadConfig({ QUNFA_ACCOUNTS: twice })).toThrow("two have the same id");
    expect(() => loadConfig({ QUNFA_ACCOUNTS: accountsFile({}) })).toThrow("accounts");
    const { port, close } = await openSandbox({ port: 0, followers: 0 });
    await expect(openSandbox({ port, followers: 0 })).rejects.toMatchObject({ code: "BAD_CONFIG" });
    await close();
  });
});

describe("docs/sandbox.md", () => {
  it("names every variable, fault and call, and the demo account's secrets", () => {
    const docs = readFileSync("docs/sandbox.md", "utf8");
    const known = [...variableNames, ...faultNames, ...apis, ...Object.values(demoAccount)];
    expect(known.filter((name) => !docs.includes(`\`${name}\``))).toEqual([]);
  });
});
