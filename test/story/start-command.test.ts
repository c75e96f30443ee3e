import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { projectRoot } from "../../scripts/project-root.mjs";
import { findFreePort } from "../../scripts/redis-server.ts";
import { openRedisServer } from "../support/redis-server.ts";
import { until } from "../support/until.ts";

/** What `npm start` runs once everything is built, by a shell, as npm does it. */
const command = manifest.scripts.start.split("&&").at(-1);

test("npm start can make a QR code's picture in its sandbox, and SIGTERM to it ends all that it started", async () => {
  const redis = await openRedisServer({ args: ["--appendonly", "yes"] });
  const [port, sandboxPort] = [await findFreePort(), await findFreePort()];
  const child = spawn("sh", ["-c", `true && ${command}`], {
    cwd: projectRoot,
    env: {
      PATH: process.env.PATH ?? "",
      REDIS_URL: redis.url.replace("//", "//default:a%40b-secret@"),
      PORT: `${port}`,
      QUNFA_SANDBOX_PORT: `${sandboxPort}`,
    },
  });
  const ended = once(child, "close");
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  try {
    await until(() => said.includes("Ctrl-C stops all."), { timeoutMs: 60_000, describe: () => said });
    expect(said).toContain(`http://127.0.0.1:${port}/`);
    expect(said).toMatch(new RegExp(`^Redis +${redis.url}$`, "m"));
    expect(said).not.toContain("secret");

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
  } finally {
    child.kill("SIGTERM");
    await ended;
    await redis.close();
  }
  for (const one of [port, sandboxPort])
    await expect(fetch(`http://127.0.0.1:${one}/healthz`)).rejects.toThrow("fetch failed");
}, 120_000);
