import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { openCommandLine } from "../../src/compose-cli.ts";
import { loadConfig } from "../../src/config.ts";
import { openRedisServer } from "../support/redis-server.ts";
import { openHttp } from "./servers.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

it("a command asks WeChat with the account's token, and the next one with the same", async () => {
  // A Redis of its own: commands work under the names that the processes use.
  const redis = await openRedisServer();
  closers.push(redis.close);
  const asked: string[] = [];
  const wechat = await openHttp((request, response) => {
    asked.push(request.url ?? "");
    if (request.url === "/api/cgi-bin/stable_token") response.end('{"access_token":"T","expires_in":7200}');
    else if (request.url?.startsWith("/api/")) response.end('{"tags":[],"ticket":"K+/=","url":"u"}');
    else response.writeHead(200, { "content-type": "image/jpg" }).end("picture");
  });
  closers.push(wechat.close);
  const folder = mkdtempSync(join(tmpdir(), "qunfa-desk-"));
  closers.push(() => rmSync(folder, { recursive: true }));
  const acme = { id: "acme", appid: "wx0123456789abcdef", secret: "s", kind: "service", token: "t" };
  const bases = { apiBase: `${wechat.url}/api`, mpBase: `${wechat.url}/mp` };
  writeFileSync(join(folder, "accounts.json"), JSON.stringify({ accounts: [{ ...acme, ...bases }] }));
  const env = { REDIS_URL: redis.url, QUNFA_ACCOUNTS: join(folder, "accounts.json") };

  for (let command = 0; command < 2; command++) {
    const desk = await openCommandLine(loadConfig(env, "cli"));
    expect(await desk.wechatOf("acme").tags.list()).toEqual({ kind: "done", value: [] });
    expect(await desk.wechatOf("acme").qrCodes.picture("K+/=")).toMatchObject({
      value: { contentType: "image/jpg" },
    });
    await desk.close();
  }
  expect(asked).toEqual([
    "/api/cgi-bin/stable_token",
    "/api/cgi-bin/tags/get?access_token=T",
    "/mp/cgi-bin/showqrcode?ticket=K%2B%2F%3D",
    "/api/cgi-bin/tags/get?access_token=T",
    "/mp/cgi-bin/showqrcode?ticket=K%2B%2F%3D",
  ]);
});
