import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { projectRoot } from "../../scripts/project-root.mjs";
import { startProcess } from "./process.ts";
import { runQunfa } from "./qunfa.ts";
import { messageOf, openRig, type Rig } from "./rig.ts";

const MILLION = 1_000_000;

/** What a process may hold in its heap: a fraction of what a million strings take, let alone objects. */
const small = { NODE_OPTIONS: "--max-old-space-size=64" };

const folder = mkdtempSync(join(tmpdir(), "qunfa-million-"));
const openid = (index: number) => `oStory_${String(index).padStart(21, "0")}`;

function* lines() {
  for (let start = 0; start < MILLION; start += 1_000)
    yield `${Array.from({ length: 1_000 }, (_, index) => openid(start + index)).join("\n")}\n`;
}

let rig: Rig;
beforeAll(async () => {
  rig = await openRig({ accounts: { demo: { limits: { callsPerMinute: 6_000 } } } });
  await pipeline(Readable.from(lines()), createWriteStream(join(folder, "million.txt")));
});
afterAll(async () => {
  await rig.close();
  rmSync(folder, { recursive: true });
});

test("a million people are sent, planned and told of by commands that hold a fraction of them", async () => {
  const qunfa = async (...args: string[]) => {
    const { code, stdout, stderr } = await runQunfa([...args, "-o", "json"], {
      env: { ...rig.settings, ...small },
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const list = ["--audience", join(folder, "million.txt")];
  const send = ["campaign", "send", "--account", "demo", "--text", messageOf("offer").text.content, ...list];
  const plan = await qunfa("campaign", "plan", ...send.slice(2));
  expect(plan).toMatchObject({ audience: { received: MILLION, admitted: MILLION }, calls: { needed: 100 } });

  await qunfa(...send, "--id", "offer", "--yes");
  await rig.shown("offer", ({ report }) => report !== null, 110_000);
  const file = join(folder, "out.csv");
  expect(await qunfa("campaign", "export", "offer", "--out", file)).toMatchObject({ people: MILLION });

  const told = readFileSync(file, "utf8").trimEnd().split("\n").slice(1);
  expect(told.filter((line) => !/^oStory_\d{21},admitted,\d+,succeeded,\d+$/.test(line))).toEqual([]);
  expect(new Set(told.map((line) => line.slice(0, 28))).size).toBe(MILLION);
  const perBatch = new Map<string, number>();
  for (const line of told) {
    const batch = line.split(",")[2] ?? "";
    perBatch.set(batch, (perBatch.get(batch) ?? 0) + 1);
  }
  expect([...new Set(perBatch.values())]).toEqual([10_000]);
});

test("a million people from an async iterable become a list in a process that holds a fraction of them", async () => {
  const program = join(folder, "upload.mjs");
  writeFileSync(
    program,
    `import { createProducer } from ${JSON.stringify(join(projectRoot, "dist/src/producer/producer.js"))};
    async function* people() {
      for (let index = 0; index < ${MILLION}; index++) yield "oStory_" + String(index).padStart(21, "0");
    }
    const producer = createProducer({ redisUrl: process.env.REDIS_URL });
    console.log(JSON.stringify({ msg: "stored", list: await producer.uploadAudience(people()) }));
    await producer.close();`,
  );
  const running = startProcess(relative(projectRoot, program), { REDIS_URL: rig.redis.url, ...small });
  const { list } = await running.says("stored", 60_000);
  expect(await running.exited).toEqual({ code: 0, signal: null });
  expect(await rig.get(`/v1/audiences/${list}`)).toMatchObject({ received: MILLION, invalid: 0 });
});
