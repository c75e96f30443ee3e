import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { projectRoot } from "../../scripts/project-root.mjs";
import { until } from "../support/until.ts";

type Demo = ReturnType<typeof startDemo>;

const demos: { remove: () => Promise<void> }[] = [];
afterEach(() => Promise.all(demos.splice(0).map((demo) => demo.remove())));

test("the demo sends a whole campaign, shows progress and the true report, and leaves nothing behind", async () => {
  const demo = startDemo({ LANG: "en_US.UTF-8" });
  await demo.says(/% closed/);
  expect(
    demo
      .processes()
      .map(([, command]) => command)
      .join(),
  ).toMatch(/redis-server/);
  expect(await demo.exited).toEqual({ code: 0, signal: null });

  expect(demo.stderr()).toBe("");
  expect(demo.stdout()).toMatch(/^\d+ % closed, WeChat accepted [\d,]+, reports [\d,]+ as sent$/m);
  expect(demo.stdout()).toMatch(/^100 % closed, WeChat accepted 24,970,/m);
  expect(row(demo, "state")).toBe("completed");
  expect(row(demo, "OpenIDs received")).toBe("25,000");
  expect(row(demo, "admitted")).toBe("24,970");
  expect(row(demo, "WeChat counted")).toBe("24,970");
  expect(row(demo, "calls of the send API")).toBe("3");
  expect(demo.stdout()).toMatch(/^Done in [\d.]+ s\./m);
  demo.expectNothingLeft();
});

test("with LANG=zh_CN.UTF-8 the demo speaks Chinese", async () => {
  const demo = startDemo({ LANG: "zh_CN.UTF-8" });
  expect(await demo.exited).toEqual({ code: 0, signal: null });

  expect(demo.stdout()).toMatch(/^已结束 100 %/m);
  expect(row(demo, "收到的 OpenID")).toBe("25,000");
  expect(row(demo, "准予发送")).toBe("24,970");
  expect(demo.stdout()).not.toMatch(/received|closed|Done/);
  demo.expectNothingLeft();
});

test("a worker that is killed in the middle ends the demo with one message that names it and its log", async () => {
  const demo = startDemo({ LANG: "en_US.UTF-8" });
  await demo.says(/% closed/);
  process.kill(demo.pidOf("dist/workers/main.js"), "SIGKILL");

  const { code } = await demo.exited;
  expect(code).toBe(70);
  const [first, second, ...more] = demo.stderr().trim().split("\n");
  const log = first?.match(/^INTERNAL: The worker has ended by SIGKILL; its log: (.+\/worker\.log)$/)?.[1];
  expect(log && existsSync(log), first).toBe(true);
  expect(second).toBe(`Logs and data are kept in ${demo.folder()}`);
  expect(more).toEqual([]);
  demo.expectNothingLeft();
});

test("Ctrl-C in the middle stops everything, with exit code 130 and without a word", async () => {
  const demo = startDemo({ LANG: "en_US.UTF-8" });
  await demo.says(/% closed/);
  const processes = demo.processes();
  demo.ctrlC();

  expect(await demo.exited).toEqual({ code: 130, signal: null });
  expect(demo.stderr()).toBe("");
  expect(processes.length).toBeGreaterThanOrEqual(4);
  demo.expectNothingLeft();
});

/** `node dist/scripts/demo.js` as the leader of a process group of its own, as a shell starts it. */
function startDemo(env: Record<string, string>) {
  const child = spawn(process.execPath, [join(projectRoot, "dist/scripts/demo.js")], {
    env: { PATH: process.env.PATH ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const pid = child.pid ?? 0;
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const exited = once(child, "close").then(([code, signal]) => ({ code, signal }));
  /** Redis stands in a group of its own, so it is found as a child: who was one is noted while it runs. */
  const seen = new Map<number, string>();
  const processes = () => {
    for (const one of allProcesses())
      if (one.group === pid || one.parent === pid) seen.set(one.pid, one.command);
    return [...seen];
  };
  const left = () => allProcesses().filter((one) => one.group === pid || seen.get(one.pid) === one.command);
  const folder = () => stderr.match(/kept in (.+)$/m)?.[1];

  const demo = {
    stdout: () => stdout,
    stderr: () => stderr,
    exited,
    folder,
    processes,
    pidOf: (script: string): number =>
      processes().find(([, command]) => command.includes(script))?.[0] ?? expect.fail(`no ${script} runs`),
    ctrlC: () => process.kill(-pid, "SIGINT"),
    async says(sentence: RegExp): Promise<void> {
      await until(() => sentence.test(stdout), { timeoutMs: 30_000, describe: () => stdout + stderr });
      processes();
    },
    expectNothingLeft: () => expect(left()).toEqual([]),
    async remove(): Promise<void> {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
      await exited;
      const kept = folder();
      if (kept) rmSync(kept, { recursive: true, force: true });
    },
  };
  demos.push(demo);
  return demo;
}

function allProcesses() {
  const table = execFileSync("ps", ["-eo", "pid=,ppid=,pgid=,stat=,args="], { encoding: "utf8" });
  return table.split("\n").flatMap((line) => {
    const [pid, parent, group, state, ...command] = line.trim().split(/\s+/);
    const ended = !state || state.startsWith("Z");
    return ended
      ? []
      : [{ pid: Number(pid), parent: Number(parent), group: Number(group), command: command.join(" ") }];
  });
}

/** A line of the report: its label, and its value behind it. */
function row(demo: Demo, label: string): string | undefined {
  const cells = demo
    .stdout()
    .split("\n")
    .map((line) => line.split("│").map((cell) => cell.trim()));
  return cells.find(([, name]) => name === label)?.[2];
}
