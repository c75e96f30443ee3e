import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ask } from "../http/door.ts";
import { hostileIds } from "../support/hostile-ids.ts";
import { hugeRefused, readHostileJobs } from "../support/hostile-jobs.ts";
import { rawRequest } from "../support/raw-http.ts";
import { openRig, type Rig } from "./rig.ts";

let rig: Rig;
beforeAll(async () => {
  rig = await openRig({ accounts: { acme: {} }, workers: 0 });
});
afterEach(() => rig.expectClean());
afterAll(() => rig.close());

describe("the dashboard", () => {
  test("gives no file but its own, whatever the path", async () => {
    for (const path of [
      "..%2f..%2f..%2fpackage.json",
      "%2e%2e/%2e%2e/%2e%2e/package.json",
      "..%5c..%5cpackage.json",
      "%00",
      ".%2e/.%2e/server.js",
      "//etc/passwd",
      "js/..%2f..%2f..%2fpackage.json",
    ])
      for (const base of ["/queues/static/", "/queues/"])
        expect((await ask(rig.url, base + path)).text).not.toMatch(/"dependencies"|root:/);
    const { text } = await rawRequest(
      rig.url,
      "GET /queues/static/../../../package.json HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
    );
    expect(text).not.toContain('"dependencies"');
  });

  test("shows no person, and stays up, while hostile jobs wait", async () => {
    const { campaigns } = rig.queues;
    for (const { name, text } of [...readHostileJobs("unreadable"), ...hugeRefused(100_000).slice(0, 7)]) {
      await campaigns.add("campaign", {}, { jobId: `waiting-${name}` });
      await rig.client.hset(`{qunfa}:campaigns:waiting-${name}`, "data", text);
      for (const path of [
        "?activeQueue=campaigns&status=waiting",
        "?activeQueue=campaigns&page=-1&jobsPerPage=1e9",
        "?activeQueue=__proto__&status=nope",
        `/campaigns/waiting-${name}`,
        `/campaigns/waiting-${name}/logs`,
      ]) {
        const { status, text } = await ask(rig.url, `/queues/api/queues${path}`);
        expect(text).not.toContain("oStory");
        expect({ path, isAnswered: [200, 400, 404, 500].includes(status) }).toEqual({
          path,
          isAnswered: true,
        });
      }
      await campaigns.remove(`waiting-${name}`);
    }
    for (const id of hostileIds)
      expect([200, 400, 404]).toContain((await ask(rig.url, `/queues/api/queues/campaigns/${id}`)).status);
    expect((await ask(rig.url, "/queues/api/queues?activeQueue=campaigns")).status).toBe(200);
  });
});
