import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Config, loadConfig } from "../../src/config.ts";

/** A worker's settings, the defaults but for quotas, which are out of the way. */
export function workerConfig(url: string, accounts: readonly string[], concurrency = 20): Config {
  const folder = mkdtempSync(join(tmpdir(), "qunfa-bench-"));
  const file = join(folder, "accounts.json");
  const limits = { sendCallsPerDay: 1_000_000, callsPerMinute: 1_000_000 };
  const list = accounts.map((id, index) => ({
    ...{ id, appid: `wxbench${index}`, secret: "bench", kind: "service", token: "bench", limits },
  }));
  writeFileSync(file, JSON.stringify({ accounts: list }));
  try {
    const env = { REDIS_URL: url, QUNFA_ACCOUNTS: file, QUNFA_LOG_LEVEL: "silent" };
    return loadConfig({ ...env, QUNFA_CONCURRENCY: String(concurrency) }, "worker");
  } finally {
    rmSync(folder, { recursive: true });
  }
}
