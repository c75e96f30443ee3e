import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Account } from "../../src/campaign/account.ts";
import { runCommandLine } from "../../src/cli/program.ts";
import { createDoctor } from "../../src/compose-doctor.ts";
import { createKeys } from "../../src/store/keys.ts";
import { createMoves } from "../../src/store/moves.ts";
import { openRedisServer } from "../support/redis-server.ts";

const nowhere = "http://127.0.0.1:1";
const accounts = ["demo", "shop"].map((id, place) =>
  Account.parse({
    ...{ id, appid: `wx000000000000000${place}`, secret: "s", kind: "service", token: "t" },
    apiBase: nowhere,
  }),
);

// Its own: the doctor works under the names that the processes use.
let server: Awaited<ReturnType<typeof openRedisServer>>;
let redis: Redis;
beforeAll(async () => {
  server = await openRedisServer();
  redis = new Redis(server.url);
});
beforeEach(async () => {
  await createMoves(redis, createKeys()).pauseAccount("demo");
});
afterAll(async () => {
  await redis.quit();
  await server.close();
});

async function qunfa(args: readonly string[], { lang = "C", at = server.url } = {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const readConfig = () =>
    ({ accounts, redisUrls: [at], host: "127.0.0.1", port: 1, basePath: "", noProxy: [] }) as never;
  const code = await runCommandLine(args, {
    env: { LANG: lang },
    ...{ stdin: Readable.from([]), stdout, stderr },
    open: () => Promise.reject(new Error("the ledger was opened")),
    openSandbox: () => Promise.reject(new Error("a sandbox was started")),
    openDoctor: async () => createDoctor({ readConfig, findRedisUrls: () => [at] }),
  });
  stdout.end();
  stderr.end();
  return { code, stdout: await text(stdout), stderr: await text(stderr) };
}

const away = { at: "redis://127.0.0.1:1" };

describe("an account that is paused is seen where somebody asks why nothing goes out", () => {
  test("account list tells of each whether it is", async () => {
    expect((await qunfa(["account", "list"])).stdout).toMatch(/demo │ paused │[\s\S]*shop │ active │/);
    const chinese = await qunfa(["account", "list"], { lang: "zh_CN.UTF-8" });
    expect(chinese.stdout).toMatch(/demo │ 已暂停 │[\s\S]*shop │ 正常 +│/);
    const { stdout } = await qunfa(["account", "list", "-o", "json"]);
    expect(JSON.parse(stdout)).toMatchObject([
      { id: "demo", state: "paused" },
      { id: "shop", state: "active" },
    ]);
  });

  test("account list goes without a Redis, and does not pretend to know", async () => {
    expect(await qunfa(["account", "list"], away)).toMatchObject({
      ...{ code: 0, stderr: "" },
      stdout: expect.stringMatching(/demo │ unknown │/),
    });
    const { stdout } = await qunfa(["account", "list", "-o", "json"], away);
    expect(JSON.parse(stdout)).toMatchObject([{ state: null }, { state: null }]);
  });

  test("account check tells it before all else", async () => {
    const checkOf = async (id: string, options = {}) => {
      const { stdout } = await qunfa(["account", "check", id, "-o", "json"], options);
      return JSON.parse(stdout).checks[0] as unknown;
    };
    const check = "active";
    expect(await checkOf("demo")).toEqual({ check, account: "demo", state: "warn", found: "paused" });
    expect(await checkOf("shop")).toEqual({ check, account: "shop", state: "ok", found: "active" });
    expect(await checkOf("demo", away)).toEqual({ check, account: "demo", state: "skip", found: null });
  });

  test("doctor has a line to look at, and does not fail of it", async () => {
    const { code, stdout } = await qunfa(["doctor", "--offline"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/demo: not paused +│ look +│ paused: nothing goes out until qunfa account resume/);
    expect(stdout).toMatch(/shop: not paused +│ ok +│/);
    const chinese = await qunfa(["doctor", "--offline"], { lang: "zh_CN.UTF-8" });
    expect(chinese.stdout).toMatch(/demo：未暂停 +│ 注意 +│ 已暂停/);
    const { stdout: json } = await qunfa(["doctor", "--offline", "-o", "json"], away);
    expect(JSON.parse(json).checks).toContainEqual({
      ...{ check: "active", account: "demo", state: "skip", found: null },
    });
  });
});
