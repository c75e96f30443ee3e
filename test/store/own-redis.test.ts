import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { isAlive } from "../../scripts/alive.mjs";
import { ask } from "../../scripts/redis-wire.ts";
import { openRedisServer } from "../support/redis-server.ts";
import { until } from "../support/until.ts";

test("a Redis of our own is append-only, never evicts and leaves nothing behind", async () => {
  const redis = await openRedisServer();
  const settings = await ask(
    redis.port,
    "CONFIG GET appendonly",
    "CONFIG GET maxmemory-policy",
    "CONFIG GET bind",
  );
  for (const value of ["yes", "noeviction", "127.0.0.1"]) expect(settings).toContain(`\r\n${value}\r\n`);
  await redis.close();
  expect(isAlive(redis.pid)).toBe(false);
  expect(existsSync(redis.dir)).toBe(false);
});

test("a Redis that was killed comes back with its data, on the same port", async () => {
  const first = await openRedisServer();
  await ask(first.port, "SET a kept", "CONFIG SET appendfsync always", "SET b kept");
  await first.kill();
  const second = await openRedisServer({ dir: first.dir, port: first.port });
  expect(await ask(second.port, "GET a", "GET b")).toMatch(/kept\r\n.*kept/s);
  await second.close();
  rmSync(first.dir, { recursive: true });
});

test("two servers never share a folder", async () => {
  const redis = await openRedisServer();
  await expect(openRedisServer({ dir: redis.dir })).rejects.toThrow(/runs already/);
  await redis.close();
});

test("a Redis that can't start says why", async () => {
  const redis = await openRedisServer();
  await expect(openRedisServer({ port: redis.port })).rejects.toThrow(/Address already in use/);
  await redis.close();
});

test("a Redis whose owner was killed is stopped by the next start, and its folder removed", async () => {
  const program = `
    const { openRedisServer } = await import("./scripts/redis-server.ts");
    const { pid, dir } = await openRedisServer();
    process.stdout.write(JSON.stringify({ pid, dir }), () => process.kill(process.pid, "SIGKILL"));`;
  const owner = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", program]);
  const [output] = await Promise.all([text(owner.stdout), once(owner, "exit")]);
  const leftover: { pid: number; dir: string } = JSON.parse(output);

  const next = await openRedisServer();
  await until(() => !isAlive(leftover.pid), { describe: "the leftover has ended" });
  expect(existsSync(leftover.dir)).toBe(false);
  await next.close();
});
