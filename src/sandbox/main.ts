import { env } from "node:process";
import { Failure, failures } from "../failure.ts";
import { createLogger } from "../log.ts";
import { loadConfig } from "./config.ts";
import { openSandbox } from "./server.ts";

/** The sandbox as a process of its own: it runs until SIGTERM or SIGINT and then stops at once. */
async function main(): Promise<void> {
  const { settings, logLevel } = loadConfig(env);
  const log = createLogger(logLevel);
  const sandbox = await openSandbox({ ...settings, log });
  const accounts = settings.accounts.map(({ id }) => id);
  log.info({ url: sandbox.url, accounts, callbackBase: settings.callbackBase }, "The sandbox listens.");

  const stop = () => {
    sandbox.close().then(
      () => log.info("The sandbox has stopped."),
      (error: unknown) => log.error({ err: error }, "The sandbox did not stop cleanly."),
    );
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

main().catch((error: unknown) => {
  const text =
    error instanceof Failure ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = error instanceof Failure ? failures[error.code].exit : 1;
});
