import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { type Config, loadConfig } from "../../src/config.ts";
import { Failure } from "../../src/failure.ts";

export const folder = mkdtempSync(join(tmpdir(), "qunfa-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

export const acme = { id: "acme", appid: "wx0123456789abcdef", secret: "s", kind: "service", token: "t" };

export function accountsFile(content: unknown): string {
  const file = join(folder, `${Math.random()}.json`);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

const least = { REDIS_URL: "redis://127.0.0.1:6379", QUNFA_ACCOUNTS: accountsFile({ accounts: [acme] }) };
export const load = (env: Record<string, string | undefined>, role: "server" | "worker" = "server"): Config =>
  loadConfig({ ...least, ...env }, role);

/** The lines below the first of the message. */
export function problemsOf(
  env: Record<string, string | undefined>,
  role: "server" | "worker" = "server",
): string[] {
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
