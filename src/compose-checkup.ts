import type { Checkup } from "./cli/account-check.ts";
import type { Clock } from "./clock.ts";
import { askToken } from "./compose-wechat.ts";
import type { Config } from "./config.ts";
import { createLogger } from "./log.ts";

/** What is looked at beside the ledger: WeChat, and the server of this configuration. */
export function createCheckup(config: Config, clock: Clock): Checkup {
  const { host, port, basePath } = config;
  return {
    askToken: (account) => askToken(config, account, { clock, log: createLogger("silent") }),
    serverUrl: `http://${reachable(host)}:${port}${basePath}`,
  };
}

/** A server that listens everywhere is asked on this machine. */
function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
