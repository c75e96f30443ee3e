import { afterAll } from "vitest";
import { until } from "./until.ts";

/** What keeps a process alive, or another one busy. Pipes and timers are the test runner's own. */
const watched = ["TCPSocketWrap", "TCPServerWrap", "ProcessWrap"];

const leftOpen = () => process.getActiveResourcesInfo().filter((name) => watched.includes(name));

/** A test file that leaves a connection, server, worker or process open fails. */
afterAll(async () => {
  await until(() => leftOpen().length === 0, {
    timeoutMs: 2_000,
    describe: () => `everything closed; left open: ${leftOpen().join(", ")}`,
  });
});
