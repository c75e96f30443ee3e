import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { projectRoot } from "../../scripts/project-root.mjs";
import { findFreePort } from "../../scripts/redis-server.ts";
import { openRedisServer } from "../support/redis-server.ts";
import { until } from "../support/until.ts";

/** What `npm start` runs once everything is built, by a shell, as npm does it. */
const command = manifest.scripts.start.split("&&").at(-1);

type Env = Record<string, string>;

/** Runs it; `said` is what it has written so far. */
function start(env: Env) {
  const child = spawn("sh", ["-c", `true && ${command}`], {
    cwd: projectRoot,
    env: { PATH: process.env.PATH ?? "", ...env },
  });
  const ended = once(child, "close");
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  const runs = () =>
    until(() => said.includes("Ctrl-C stops all."), { timeoutMs: 60_000, describe: () => said });
  return { child, ended, runs, said: () => said };
}

async function openPorts() {
  const [port, sandboxPort] = [await findFreePort(), await findFreePort()];
  const folder = join(projectRoot, `.data/start-${port}`);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { port, sandboxPort, folder, env: { PORT: `${port}`, QUNFA_SANDBOX_PORT: `${sandboxPort}` } };
}

test("npm start can make a QR code's picture in its sandbox, and SIGTERM to it ends all that it started", async () => {
  const redis = await openRedisServer({ args: ["--appendonly", "yes"] });
  const { port, sandboxPort, folder, env } = await openPorts();
  const REDIS_URL = redis.url.replace("//", "//default:a%40b-secret@");
  const { child, ended, runs, said } = start({ ...env, REDIS_URL });
  try {
    await runs();
    expect(said()).toContain(`http://127.0.0.1:${port}/`);
    expect(said()).toMatch(new RegExp(`^Redis +${redis.url}$`, "m"));
    expect(said()).not.toContain("secret");

    const codes = `http://127.0.0.1:${port}/v1/accounts/demo/qrcodes`;
    const body = JSON.stringify({ kind: "temporary", scene: "till", expireSeconds: 600 });
    const headers = { "content-type": "application/json" };
    const made = await fetch(codes, { method: "POST", headers, body });
    const { ticket } = (await made.json()) as { ticket: string };
    const picture = await fetch(`${codes}/${encodeURIComponent(ticket)}.jpg`);
    expect([made.status, picture.status, picture.headers.get("content-type")]).toEqual([
      201,
      200,
      "image/jpeg",
    ]);

    // A second one on its ports, or one of them, is refused before it has touched anything.
    const accounts = () => statSync(join(folder, "accounts.json")).mtimeMs;
    const before = accounts();
    for (const [ports, taken] of [
      [{ ...env }, `PORT: another process listens on port ${port}`],
      [
        { ...env, PORT: `${await findFreePort()}` },
        `QUNFA_SANDBOX_PORT: another process listens on port ${sandboxPort}`,
      ],
    ] as const) {
      const second = start({ ...ports, REDIS_URL });
      expect(await second.ended).toEqual([78, null]);
      expect(second.said()).toBe(`BAD_CONFIG: ${taken} already\n`);
    }
    expect(accounts()).toBe(before);
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
  } finally {
    child.kill("SIGTERM");
    await ended;
    await redis.close();
  }
  for (const one of [port, sandboxPort])
    await expect(fetch(`http://127.0.0.1:${one}/healthz`)).rejects.toThrow("fetch failed");
}, 120_000);

test("the line that npm start prints lets the command and the examples find what it runs", async () => {
  const { env, folder } = await openPorts();
  const { child, ended, runs, said } = start(env);
  try {
    await runs();
    const line = /^export .+$/m.exec(said())?.[0] ?? "";
    const under = (command: string) => {
      const options = { cwd: projectRoot, env: { PATH: process.env.PATH ?? "" }, encoding: "utf8" } as const;
      const { status, stdout, stderr } = spawnSync("sh", ["-c", `${line}; ${command}`], options);
      expect({ command, status, stderr }).toEqual({ command, status: 0, stderr: "" });
      return JSON.parse(stdout);
    };
    const { ok, checks } = under("node dist/src/cli/main.js doctor -o json");
    expect(ok).toBe(true);
    expect(checks.filter(({ state }: { state: string }) => state !== "ok")).toEqual([]);

    const file = join(folder, "openids.txt");
    writeFileSync(file, "oStart_0000000000000000001\noStart_0000000000000000002\n");
    const { report } = under(`sh examples/send.sh offer '${file}'`);
    expect(report).toMatchObject({ state: "completed", sendCalls: 1 });
    const books = under("node dist/src/cli/main.js sandbox books demo -o json");
    expect(books).toMatchObject([{ account: "demo", jobs: [{ size: 2 }] }]);
  } finally {
    child.kill("SIGTERM");
    await ended;
  }
}, 120_000);
