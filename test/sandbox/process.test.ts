import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { until } from "../support/until.ts";

function start(env: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, ["--import", "tsx", "src/sandbox/main.ts"], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return child;
}

describe("the sandbox process", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("says where it listens and stops at once on %s", async (signal) => {
    const child = start({ QUNFA_SANDBOX_PORT: "0", QUNFA_SANDBOX_FOLLOWERS: "10" });
    let output = "";
    child.stdout?.on("data", (chunk) => {
      output += chunk;
    });
    await until(() => output.includes("\n"));
    const { url, accounts } = JSON.parse(output.split("\n")[0] ?? "") as { url: string; accounts: string[] };
    expect(accounts).toEqual(["demo"]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const before = Date.now();
    child.kill(signal);
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(Date.now() - before).toBeLessThan(5_000);
  });

  it("stops with one message about every wrong variable", async () => {
    const child = start({ QUNFA_SANDBOX_PORT: "x", QUNFA_SANDBOX_SEED: "y" });
    const message = child.stderr === null ? "" : text(child.stderr);
    expect(await once(child, "exit")).toEqual([78, null]);
    expect(await message).toMatch(/QUNFA_SANDBOX_PORT: .*\n.*QUNFA_SANDBOX_SEED: /);
  });
});
