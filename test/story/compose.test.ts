import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { projectRoot } from "../../scripts/project-root.mjs";
import { findRedisBinary } from "../../scripts/redis-binary.mjs";
import { findFreePort } from "../../scripts/redis-server.ts";
import { followerOpenid } from "../../src/sandbox/followers.ts";
import { until } from "../support/until.ts";

const Service = z.object({
  command: z.array(z.string()),
  environment: z.record(z.string(), z.string()).default({}),
  env_file: z.string().optional(),
  deploy: z.object({ replicas: z.number() }).optional(),
  healthcheck: z.object({ test: z.array(z.string()).min(2) }),
});
const { services } = z
  .object({ services: z.record(z.string(), Service) })
  .parse(parse(readFileSync("docker-compose.yml", "utf8"), { merge: true }));

/** `.env` as somebody fills it in who copies the example. */
const filledIn = {
  QUNFA_API_KEYS: "ci:a-key-for-tests",
  QUNFA_DASHBOARD_PASSWORD: "a-password-for-tests",
  QUNFA_WEBHOOK_SECRET: "a-webhook-secret-for-tests",
  ACCOUNT_SECRET: "an-app-secret-for-tests",
};
const dotEnv: Record<string, string> = { ...parseEnv(readFileSync(".env.example", "utf8")), ...filledIn };

const folder = mkdtempSync(join(tmpdir(), "qunfa-compose-"));
const accounts = join(folder, "accounts.json");

/** A container is a process here: its name is this machine, and a port that it has to itself any free one. */
type Place = { readonly shared: Readonly<Record<string, number>>; readonly metricsPort: number };

function here(text: string, { shared, metricsPort }: Place): string {
  const moved = Object.entries({ ...shared, 9464: metricsPort }).reduce(
    (moving, [from, to]) => moving.replace(new RegExp(`\\b${from}\\b`, "g"), String(to)),
    text,
  );
  return moved
    .replace(/\/\/(redis|server|sandbox):/g, "//127.0.0.1:")
    .replace("0.0.0.0", "127.0.0.1")
    .replace("/etc/qunfa/accounts.json", accounts);
}

/** `${NAME:?message}` and `${NAME:-default}`, as compose fills them in. */
function filled(text: string): string {
  return text.replace(/\$\{(\w+):([?-])([^}]*)\}/g, (_, name: string, kind: string, rest: string) => {
    const value = dotEnv[name] || (kind === "-" ? rest : undefined);
    if (value === undefined) throw new Error(`docker compose would stop: ${rest}`);
    return value;
  });
}

type Container = {
  readonly service: string;
  readonly child: ChildProcess;
  readonly output: () => string;
  /** The exit code of its health check. */
  readonly check: () => Promise<number | null>;
};

function start(service: string, place: Place): Container {
  const { command, environment, env_file, healthcheck } = services[service] ?? Service.parse({});
  const own = Object.fromEntries(
    Object.entries(environment).map(([name, text]) => [name, here(filled(text), place)]),
  );
  const env = { PATH: process.env.PATH ?? "", ...(env_file && dotEnv), ...own };
  const [program = "", ...args] = command.map((word) => here(word, place));
  const redis = findRedisBinary();
  const isRedis = program === "redis-server";
  const child = spawn(
    isRedis ? (redis?.file ?? "") : program,
    isRedis ? [...args, "--port", String(place.shared[6379]), "--bind", "127.0.0.1", "--dir", folder] : args,
    { cwd: projectRoot, env, ...(isRedis && redis && { argv0: redis.argv0 }) },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });

  const [kind, ...test] = healthcheck.test.map((word) =>
    here(word, place).replace("redis-cli", `redis-cli -p ${place.shared[6379]}`),
  );
  const [checker = "", ...words] = kind === "CMD-SHELL" ? ["sh", "-c", ...test] : test;
  const check = async () => {
    const probe = spawn(checker, words, { env, stdio: "ignore" });
    await once(probe, "close");
    return probe.exitCode;
  };
  return { service, child, output: () => output, check };
}

async function stop({ child }: Container): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill("SIGTERM");
    await once(child, "close");
  }
}

async function untilHealthy(container: Container): Promise<void> {
  await until(async () => (await container.check()) === 0, {
    timeoutMs: 20_000,
    describe: () => `${container.service} is healthy; it said ${container.output().slice(-1_000)}`,
  });
}

type Shown = { readonly state: string; readonly report: object | null };

const running: Container[] = [];
let shared: Record<string, number>;

beforeAll(async () => {
  const ports = ["6379", "3000", "3100"];
  shared = Object.fromEntries(await Promise.all(ports.map(async (port) => [port, await findFreePort()])));
  const example = readFileSync(String(dotEnv.QUNFA_ACCOUNTS), "utf8");
  writeFileSync(accounts, here(example, { shared, metricsPort: 0 }));
});
afterAll(async () => {
  for (const container of running.reverse()) await stop(container);
  rmSync(folder, { recursive: true });
});

test("each service of docker-compose.yml starts by its command and environment, and its health check sees it", async () => {
  expect(Object.keys(services)).toEqual(["redis", "server", "worker", "sandbox"]);
  // As `depends_on` has it: Redis first.
  for (const [service, { deploy }] of Object.entries(services))
    for (let replica = 0; replica < (deploy?.replicas ?? 1); replica++) {
      const container = start(service, { shared, metricsPort: await findFreePort() });
      running.push(container);
      await untilHealthy(container);
    }
  expect(running.map(({ service }) => service)).toEqual(["redis", "server", "worker", "worker", "sandbox"]);
});

test("together they send a campaign to the sandbox, and a person logs in to look at it", async () => {
  const url = `http://127.0.0.1:${shared[3000]}`;
  const headers = { authorization: "Bearer a-key-for-tests", "content-type": "application/json" };
  const campaign = {
    account: "demo",
    message: { msgtype: "text", text: { content: "hello" } },
    audience: { type: "openids", openids: [1, 2, 3].map((index) => followerOpenid("demo", index)) },
  };
  const created = await fetch(`${url}/v1/campaigns`, {
    method: "POST",
    headers,
    body: JSON.stringify(campaign),
  });
  expect(created.status).toBe(202);
  const path = created.headers.get("location");
  const look = async () => {
    const { state, report } = (await (await fetch(url + path, { headers })).json()) as Shown;
    return report && state;
  };
  expect(await until(look, { timeoutMs: 60_000 })).toBe("completed");

  const form = new URLSearchParams({ username: "admin", password: filledIn.QUNFA_DASHBOARD_PASSWORD });
  const answer = await fetch(`${url}/login`, { method: "POST", body: form, redirect: "manual" });
  const cookie = answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const page = await fetch(url, { headers: { cookie } });
  expect([answer.status, page.status]).toEqual([303, 200]);
  expect(await page.text()).toContain("demo");
});

test("a health check sees when its service has stopped, and every service stops on SIGTERM in order", async () => {
  for (const container of running.toReversed()) {
    await stop(container);
    expect([container.service, await container.check()]).toEqual([container.service, 1]);
    expect([container.service, container.child.exitCode]).toEqual([container.service, 0]);
  }
});
