import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withLock } from "../../scripts/lock.mjs";
import { projectRoot } from "../../scripts/project-root.mjs";
import { randomPrefix } from "../support/prefix.ts";

test("under one name one deed runs at a time, and hands back what it made", async () => {
  const name = randomPrefix();
  let running = 0;
  const deed = async () => {
    running += 1;
    await new Promise(setImmediate);
    return running--;
  };
  expect(await Promise.all([1, 2, 3].map(() => withLock(name, deed)))).toEqual([1, 1, 1]);
});

test("the lock is free again after a deed that failed", async () => {
  const name = randomPrefix();
  const failing = () => Promise.reject(new Error("broken"));
  await expect(withLock(name, failing)).rejects.toThrow("broken");
  expect(await withLock(name, () => "done")).toBe("done");
});

test("the lock of a process that has died is taken away", async () => {
  const name = randomPrefix();
  const { pid } = spawnSync(process.execPath, ["--version"]);
  writeFileSync(join(projectRoot, ".data", `${name}.lock`), String(pid));
  expect(await withLock(name, () => "done")).toBe("done");
});
