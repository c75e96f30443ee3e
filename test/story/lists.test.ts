import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip, gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Answer, ask } from "../http/door.ts";
import { until } from "../support/until.ts";
import { expectOnce, expectTrue, openRig, people, type Rig } from "./rig.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await openRig({ accounts: { acme: {} }, env: { QUNFA_RETENTION_MS: "5000" } });
});
afterEach(() => rig.expectClean());
afterAll(() => rig.close());

const upload = (body: string | Buffer, type = "text/plain", headers: Record<string, string> = {}) =>
  ask(rig.url, "/v1/audiences", { method: "POST", body, headers: { "content-type": type, ...headers } });

const listed = async (answer: Promise<Answer>) =>
  (await answer).json() as { audienceId: string; received: number; invalid: number };

/** Whatever is stored of lists that can be named, or are being written. */
const stored = () => rig.client.keys("{qunfa:list:*");

/** What is stored beside what was; lists of tests before go by themselves meanwhile. */
async function added(before: readonly string[]): Promise<string[]> {
  return (await stored()).filter((key) => !before.includes(key));
}

const campaign = (audienceId: string) => ({ audience: { type: "list", audienceId } });

/** A list that comes as fast as it is taken, on a connection that the test can cut. */
function openUpload(base: string, headers: Record<string, string>) {
  const call = request(`${base}/v1/audiences`, { method: "POST", headers, agent: false });
  const answered = new Promise<{ status: number; text: string }>((resolve, reject) => {
    call.once("error", reject);
    call.once("response", async (response) => {
      let text = "";
      for await (const chunk of response.setEncoding("utf8")) text += chunk;
      resolve({ status: response.statusCode ?? 0, text });
    });
  });
  answered.catch(() => {});
  return { call, answered };
}

function* lines(count: number, write = (openid: string) => openid) {
  for (let at = 0; at < count; at += 1_000) yield `${people(1_000, at).map(write).join("\n")}\n`;
}

test("whoever uploads a list sends it to each of its people once, in whatever format it comes", async () => {
  const all = people(25);
  const quoted = ["OpenID,name", ...all.map((openid) => `"${openid}","Li, Lei"`), "nobody,x", all[3]].join(
    "\r\n",
  );
  const objects = [
    ...all.map((openid) => JSON.stringify({ openid })),
    '"nobody"',
    JSON.stringify(all[3]),
  ].join("\n");
  const plain = ["openid", ...all, "nobody", "", all[3]].join("\n");
  const bodies = [
    ["plain", plain, "text/plain; charset=utf-8", {}],
    ["csv", `\uFEFF${quoted}`, "text/csv", {}],
    ["ndjson", objects, "application/x-ndjson", {}],
    ["gzip", gzipSync(plain), "text/plain", { "content-encoding": "gzip" }],
  ] as const;
  for (const [id, body, type, headers] of bodies) {
    const answer = await upload(body, type, headers);
    expect({ id, status: answer.status, ...(answer.json() as object) }).toMatchObject({
      ...{ id, status: 201, received: 27, invalid: 1 },
    });
    const { audienceId } = answer.json() as { audienceId: string };
    expect(answer.headers.location).toBe(`/v1/audiences/${audienceId}`);
    const dryRun = {
      account: "acme",
      message: { msgtype: "text", text: { content: "x" } },
      ...campaign(audienceId),
    };
    expect(await rig.post("/v1/campaigns/plan", dryRun)).toMatchObject({
      audience: { received: 27, invalid: 1, duplicate: 1, admitted: 25 },
    });
    const job = await rig.add(id, "acme", [], campaign(audienceId));
    const report = await rig.report(job);
    expect(report.audience).toMatchObject({ received: 27, invalid: 1, duplicate: 1, admitted: 25 });
    expectOnce(rig.desk("acme"), id, all);
    expectTrue(rig.desk("acme"), id, report);
    expect(await rig.fateOf(id, "nobody")).toMatchObject({ outcome: "invalid" });
    expect(JSON.stringify((await rig.queues.campaigns.getJob(id))?.data)).not.toContain("oStory");
  }
}, 60_000);

test("a campaign whose list is not there is refused, and says so", async () => {
  const job = await rig.add("nowhere", "acme", [], campaign(randomUUID()));
  await expect(rig.report(job)).rejects.toThrow("audience.audienceId: there is no such list");
  const bad = {
    account: "acme",
    message: { msgtype: "text", text: { content: "x" } },
    ...campaign("no such"),
  };
  expect(await rig.post("/v1/campaigns/plan", bad)).toMatchObject({ status: 422, code: "BAD_CAMPAIGN" });
});

test("a list can't be removed while an open campaign names it, and goes its retention after that has ended", async () => {
  const { audienceId } = await listed(upload(people(3, 100).join("\n")));
  const startAt = new Date(Date.now() + 8_000).toISOString();
  const job = await rig.add("later", "acme", [], { ...campaign(audienceId), schedule: { startAt } });
  await rig.shown("later", ({ state }) => state === "scheduled");
  const remove = () => ask(rig.url, `/v1/audiences/${audienceId}`, { method: "DELETE" });
  const refused = await remove();
  expect({ status: refused.status, ...(refused.json() as object) }).toMatchObject({
    ...{ status: 409, code: "LIST_IN_USE" },
  });
  // Longer than the retention: nothing else keeps it.
  await until(() => Date.now() > Date.parse(startAt) - 1_000, { timeoutMs: 10_000 });
  expect((await ask(rig.url, `/v1/audiences/${audienceId}`)).status).toBe(200);
  expect((await rig.report(job)).state).toBe("completed");
  const gone = async () => (await ask(rig.url, `/v1/audiences/${audienceId}`)).status === 404;
  expect(await gone()).toBe(false);
  await until(gone, { timeoutMs: 20_000, describe: () => "the list is removed" });
  expect((await remove()).status).toBe(404);
  await until(async () => (await stored()).length === 0, { timeoutMs: 20_000, describe: stored });
}, 60_000);

test("one that no campaign names can be removed at once", async () => {
  const { audienceId } = await listed(upload(people(3).join("\n"), "text/plain"));
  expect((await ask(rig.url, `/v1/audiences/${audienceId}`, { method: "DELETE" })).status).toBe(204);
  expect((await stored()).filter((key) => key.includes(audienceId))).toEqual([]);
});

describe.skipIf(process.platform !== "linux")("a million OpenIDs in one request", () => {
  test.each([
    ["text/plain", (openid: string) => openid],
    ["text/csv", (openid: string) => `"${openid}","a name, and ""more""",GZ\r`],
    ["application/x-ndjson", (openid: string) => JSON.stringify({ openid, name: "a name" })],
  ])(
    "are taken in as %s with less than 80 MB more memory",
    async (type, write) => {
      expect(await growth(type, write)).toBeLessThan(80);
    },
    60_000,
  );
});

/**
 * By how many MB a new server grows at most while it takes a million OpenIDs in: what it allocates, without the pages of
 * program files, which the kernel maps and drops as it likes.
 */
async function growth(type: string, write: (openid: string) => string): Promise<number> {
  const { process, url } = await rig.startServer();
  const memory = () =>
    Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${process.pid}/status`, "utf8"))?.[1]) / 1024;
  const before = memory();
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, memory());
  }, 20);
  const { call, answered } = openUpload(url, { "content-type": type });
  await pipeline(Readable.from(lines(1_000_000, write)), call);
  const { status, text } = await answered;
  clearInterval(watch);
  expect({ status, ...JSON.parse(text) }).toMatchObject({ status: 201, received: 1_000_000, invalid: 0 });
  return most - before;
}

describe("what is no list", () => {
  test("gets its own answer, and leaves nothing", async () => {
    const before = await stored();
    const gzip = { "content-encoding": "gzip" };
    const whole = gzipSync(people(2_000).join("\n"));
    const cases = [
      [400, upload(whole.subarray(0, whole.length / 2), "text/plain", gzip)],
      [400, upload("no gzip at all", "text/plain", gzip)],
      [400, upload(`"${people(3).join("\n")}`, "text/csv")],
      [413, upload("o".repeat(200_000))],
      [415, upload(people(3).join("\n"), "application/json")],
      [415, upload(people(3).join("\n"), "application/x-www-form-urlencoded")],
      [415, upload(whole, "text/plain", { "content-encoding": "br" })],
      [422, upload("\n\n  \n")],
      [422, upload("")],
      [
        422,
        ask(rig.url, "/v1/audiences?color=red", {
          method: "POST",
          body: "x",
          headers: { "content-type": "text/plain" },
        }),
      ],
    ] as const;
    for (const [status, answer] of cases) {
      const { headers, text, ...given } = await answer;
      expect(given.status, text).toBe(status);
      expect(headers["content-type"]).toBe("application/problem+json");
      expect(text).not.toContain("oStory");
    }
    expect(await added(before)).toEqual([]);
  });

  test("is let go when its connection is cut, in whatever moment", async () => {
    const before = await stored();
    for (const megabytes of [0, 1, 3]) {
      const { call, answered } = openUpload(rig.url, { "content-type": "text/plain" });
      for (const some of lines(megabytes * 35_000)) if (!call.write(some)) await once(call, "drain");
      call.write("oStory_");
      if (megabytes > 0) await until(async () => (await added(before)).length > 0);
      call.destroy();
      await expect(answered).rejects.toThrow();
      await until(async () => (await added(before)).length === 0, { describe: stored });
    }
  });

  test("is stopped when it is a bomb, long before it has unpacked", async () => {
    const before = await stored();
    const bomb = async (chunk: string, count: number) => {
      const gzip = createGzip();
      const { call, answered } = openUpload(rig.url, {
        "content-type": "text/plain",
        "content-encoding": "gzip",
      });
      const fed = pipeline(Readable.from(repeat(chunk, count)), gzip, call).catch(() => {});
      const { status } = await answered;
      call.destroy();
      await fed;
      return status;
    };
    // A line without end; and honest lines, 2 GB of them.
    expect(await bomb("\0".repeat(1_000_000), 2_000)).toBe(413);
    expect(await bomb(`${people(1)[0]}\n`.repeat(35_000), 2_000)).toBe(413);
    expect(await added(before)).toEqual([]);
  }, 60_000);
});

function* repeat(chunk: string, count: number) {
  for (let at = 0; at < count; at++) yield chunk;
}
