#!/usr/bin/env node
import { hostname, userInfo } from "node:os";
import process from "node:process";
import { runCommandLine } from "./program.ts";

process.exitCode = await runCommandLine(process.argv.slice(2), {
  env: process.env,
  who: nameOfUser(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  // Loaded when a command needs it: help and usage answer at once.
  open: async () => {
    const [{ openCommandLine }, { loadConfig }] = await Promise.all([
      import("../compose-cli.ts"),
      import("../config.ts"),
    ]);
    return openCommandLine(loadConfig(process.env, "cli"));
  },
  openDoctor: async () => {
    const [{ createDoctor }, { loadConfig }] = await Promise.all([
      import("../compose-doctor.ts"),
      import("../config.ts"),
    ]);
    return createDoctor(() => loadConfig(process.env, "cli"));
  },
});

/** As in `ops@host`; a container may have a user without a name. */
function nameOfUser(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return `uid ${process.getuid?.() ?? "?"}@${hostname()}`;
  }
}
