import type { RunningSandbox } from "./cli/sandbox.ts";
import { loadConfig } from "./sandbox/config.ts";
import { openSandbox } from "./sandbox/server.ts";

/** A sandbox for `qunfa sandbox start`, which says by itself what there is to say. */
export async function startSandbox(
  env: Readonly<Record<string, string | undefined>>,
): Promise<RunningSandbox> {
  const { settings } = loadConfig(env);
  const { url, close } = await openSandbox(settings);
  return { url, accounts: settings.accounts.map(({ id }) => id), callbackBase: settings.callbackBase, close };
}
