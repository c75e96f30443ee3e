import { readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "./alive.mjs";
import { ask } from "./redis-wire.ts";

type Owner = { ownerPid: number; port: number; redisPid: number; dir: string };

const ownerFile = "owner.json";

/** Notes beside the data whose server this is, so that a later run can tell a leftover from a live one. */
export function writeOwner(dir: string, port: number, redisPid: number): void {
  const owner: Owner = { ownerPid: process.pid, port, redisPid, dir: realpathSync(dir) };
  writeFileSync(join(dir, ownerFile), JSON.stringify(owner));
}

/**
 * The port of the server that keeps its data here, when it runs. Its process id may be somebody else's
 * by now, so it is asked, on its port, whether it is that process and that folder.
 */
export async function findServerIn(dir: string): Promise<number | undefined> {
  const owner = readOwner(dir);
  const reply = owner && (await ask(owner.port, "INFO server", "CONFIG GET dir"));
  const isIt = reply?.includes(`process_id:${owner?.redisPid}\r\n`) && reply.includes(`${owner?.dir}\r\n`);
  return isIt ? owner?.port : undefined;
}

/**
 * Stops the servers whose owner was killed before it could, and removes the folders that were made for
 * them (`redis-…`).
 */
export async function stopLeftovers(dataRoot: string): Promise<void> {
  for (const name of readdirSync(dataRoot)) {
    const dir = join(dataRoot, name);
    const owner = readOwner(dir);
    if (!owner || isAlive(owner.ownerPid)) continue;
    const port = await findServerIn(dir);
    if (port !== undefined) await ask(port, "SHUTDOWN");
    if (name.startsWith("redis-")) rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

function readOwner(dir: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(join(dir, ownerFile), "utf8"));
  } catch {
    return undefined;
  }
}
