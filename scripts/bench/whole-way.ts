import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, createWriteStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { projectRoot } from "../project-root.mjs";
import { findFreePort } from "../redis-server.ts";
import { openStack } from "../stack.ts";
import { judged, mediansOf, tell } from "./figures.ts";
import { rounded, timeOf } from "./runs.ts";

const PEOPLE = 1_000_000;
const TOKEN = "bench";
const RUNS = 3;
const LOOK_MS = 20;

type Report = { readonly state: string; readonly recipients: { readonly sent: number } };

const run = promisify(execFile);
const scriptOf = (name: string) => join(projectRoot, `dist/scripts/bench/${name}.js`);

/**
 * A list that is uploaded, planned and sent, by server and worker as they run, until its campaign has closed, against a
 * program that reads the same list, de-duplicates it in memory and posts it. WeChat takes everything at once, and calls
 * back right after.
 */
export async function measureWholeWay(url: string): Promise<object[]> {
  const dir = mkdtempSync(join(tmpdir(), "qunfa-bench-"));
  const closes: (() => Promise<unknown>)[] = [async () => rmSync(dir, { recursive: true })];
  try {
    const list = join(dir, "list.txt");
    await writeList(list);
    const serverPort = await findFreePort();
    const accounts = Array.from({ length: RUNS }, (_, index) => `run-${index}`);
    const wechats = await Promise.all(
      accounts.map((id) => openWechat(`http://127.0.0.1:${serverPort}/wechat/${id}/callback`)),
    );
    closes.push(...wechats.map((wechat) => wechat.close));
    const limits = { sendCallsPerDay: 1_000, callsPerMinute: 100_000 };
    const all = accounts.map((id, index) => ({
      ...{ id, appid: `wxbench${index}`, secret: "bench", kind: "service", token: TOKEN, limits },
      apiBase: wechats[index]?.url,
    }));
    const file = join(dir, "accounts.json");
    writeFileSync(file, JSON.stringify({ accounts: all }));
    const env = { ...process.env, QUNFA_ACCOUNTS: file, QUNFA_LOG_LEVEL: "warn" };
    const stack = await openStack({ dir, redis: { url }, serverPort, env });
    closes.push(stack.close);

    const figures = await mediansOf(async (index) => {
      tell(`the whole way of 1,000,000 people, run ${index + 1}`);
      const { url: wechat = "" } = wechats[index] ?? {};
      const { stdout } = await run(process.execPath, [scriptOf("naive-send"), list, wechat]);
      const uploadStartedAt = performance.now();
      const { audienceId } = await ask(
        `${stack.serverUrl}/v1/audiences`,
        "text/plain",
        createReadStream(list),
      );
      const uploadMs = performance.now() - uploadStartedAt;
      const sendMs = await timeOf(() => send(stack.serverUrl, accounts[index] ?? "", String(audienceId)));
      return {
        naiveMs: Number(stdout),
        uploadMs,
        sendMs,
        ms: uploadMs + sendMs,
        ratio: (uploadMs + sendMs) / Number(stdout),
      };
    });
    return [judged(lineOf(figures), "ratio", "<=", 5)];
  } finally {
    for (const close of closes.reverse()) await close();
  }
}

/** As WeChat's OpenIDs are: 28 characters. */
async function writeList(file: string): Promise<void> {
  const lines = function* () {
    for (let person = 0; person < PEOPLE; person++) yield `oWholeWay${String(person).padStart(19, "0")}\n`;
  };
  await pipeline(Readable.from(lines()), createWriteStream(file));
}

async function openWechat(callbackUrl: string) {
  const child = spawn(process.execPath, [scriptOf("instant-wechat"), callbackUrl, TOKEN], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const [port] = (await once(child.stdout, "data")) as [Buffer];
  const close = async () => {
    child.kill("SIGTERM");
    await exited;
  };
  return { url: `http://127.0.0.1:${String(port).trim()}`, close };
}

async function ask(
  url: string,
  contentType: string,
  body: string | Readable,
): Promise<Record<string, unknown>> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": contentType },
    body: typeof body === "string" ? body : (Readable.toWeb(body) as ReadableStream),
    duplex: "half",
  });
  const said = (await answer.json()) as Record<string, unknown>;
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${JSON.stringify(said)}`);
  return said;
}

/** Until its report is there. */
async function send(base: string, account: string, audienceId: string): Promise<void> {
  const message = { msgtype: "text", text: { content: "bench" } };
  const body = { account, message, audience: { type: "list", audienceId } };
  const { id } = await ask(`${base}/v1/campaigns`, "application/json", JSON.stringify(body));
  for (;;) {
    const { report } = (await (await fetch(`${base}/v1/campaigns/${id}`)).json()) as { report: unknown };
    if (report) return checkReport(report as Report);
    await sleep(LOOK_MS);
  }
}

function checkReport({ state, recipients }: Report): void {
  if (state === "completed" && recipients.sent === PEOPLE) return;
  throw new Error(`The campaign ended as ${state}, sent to ${recipients.sent}`);
}

type Figures = Awaited<ReturnType<typeof mediansOf>>;

function lineOf({ naiveMs = 0, uploadMs = 0, sendMs = 0, ms = 0, ratio = 0 }: Figures): object {
  return {
    ...{ bench: "whole-way", people: PEOPLE, ms: rounded(ms, 0), uploadMs: rounded(uploadMs, 0) },
    ...{ planAndSendMs: rounded(sendMs, 0), naiveMs: rounded(naiveMs, 0), ratio: rounded(ratio) },
  };
}
