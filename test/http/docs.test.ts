import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { findBrowser } from "../../scripts/browser.mjs";
import { openDoor } from "./door.ts";

let door: Awaited<ReturnType<typeof openDoor>>;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

describe("GET /docs", () => {
  test.each([
    ["zh-CN,zh;q=0.9,en;q=0.8", "zh-CN", "HTTP 接口"],
    ["en;q=0.5, zh-Hant", "zh-CN", "HTTP 接口"],
    ["en-GB,en;q=0.9,zh;q=0.8", "en", "HTTP API"],
    ["fr", "en", "HTTP API"],
    [undefined, "en", "HTTP API"],
  ])("speaks to who accepts %s in %s", async (accepted, language, title) => {
    const asked = accepted === undefined ? {} : { headers: { "accept-language": accepted } };
    const { status, headers, text } = await door.ask("/docs", asked);
    expect(status).toBe(200);
    expect(headers).toMatchObject({ "content-language": language, vary: "Accept-Language" });
    expect(text).toContain(`<html lang="${language}">`);
    expect(text).toContain(title);
  });

  test("asks for nothing but relative addresses, and holds no script or style itself", async () => {
    const { headers, text } = await door.ask("/docs");
    const addresses = [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address ?? "");
    expect(addresses.length).toBeGreaterThan(4);
    expect(addresses.filter((address) => !/^(docs\/)?[a-z0-9-]+(\.[a-z]+)+$/.test(address))).toEqual([]);
    expect(text).not.toMatch(/<script>|<style|style=| on[a-z]+=/);
    const policy = String(headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|http|\*/);
  });

  test("and its files are answered 304 to who has them", async () => {
    const page = (await door.ask("/docs")).text;
    const files = [...page.matchAll(/"(docs\/[^"]+)"/g)].map(([, file]) => `/${file}`);
    for (const path of ["/docs", ...files]) {
      const { status, headers } = await door.ask(path);
      expect([path, status, headers["x-content-type-options"]]).toEqual([path, 200, "nosniff"]);
      expect(headers["cache-control"]).toMatch(/^(no-cache|public, max-age=3600)$/);
      const again = await door.ask(path, { headers: { "if-none-match": headers.etag } });
      expect([path, again.status, again.text]).toEqual([path, 304, ""]);
      for (const kept of ["cache-control", "content-security-policy", "vary"])
        expect([path, again.headers[kept]]).toEqual([path, headers[kept]]);
    }
  });

  test.each(["/docs/index.html", "/docs/package.json", "/docs/..%2fpackage.json", "/docs/__proto__"])(
    "%s is none of them",
    async (path) => expect((await door.ask(path)).status).toBe(404),
  );

  test("is where /docs/ leads, whatever stands before both", async () => {
    const { status, headers } = await door.ask("/docs/");
    expect([status, headers.location]).toEqual([308, "../docs"]);
  });
});

const executablePath = findBrowser() ?? "";

test.skipIf(executablePath === "")(
  "a browser shows every call behind a path prefix, makes one, shows them again, and complains of nothing",
  async () => {
    const behind = await openDoor({ basePath: "/pre/fix" });
    onTestFinished(() => behind.close());
    const url = await openPrefix(behind.url);
    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
    onTestFinished(() => browser.close());
    const page = await browser.newPage({ locale: "zh-CN" });
    const complaints: string[] = [];
    const hosts = new Set<string>();
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (asked) => hosts.add(new URL(asked.url()).origin));
    await page.goto(`${url}/docs/`);
    const call = page.locator("#operations-Campaigns-listCampaigns");
    await call.locator(".opblock-summary-control").click();
    await call.locator(".try-out__btn").click();
    await call.locator(".execute").click();
    await call.locator(".live-responses-table .response-col_status", { hasText: "200" }).waitFor();
    expect(await call.locator(".request-url").textContent()).toContain(`${url}/v1/campaigns?limit=50`);
    expect(await page.title()).toBe("qunfa：HTTP 接口");
    expect(await page.locator(".opblock").count()).toBeGreaterThan(40);
    // Now the page is one that the browser has, and asks about.
    await page.goto(`${url}/docs`);
    await call.waitFor();
    expect(await page.locator(".opblock").count()).toBeGreaterThan(40);
    expect([...hosts]).toEqual([new URL(url).origin]);
    expect(complaints).toEqual([]);
  },
);

/** A reverse proxy that takes a path prefix off. */
async function openPrefix(target: string): Promise<string> {
  const { hostname: host, port, host: named } = new URL(target);
  const proxy = createServer((asked, answer) => {
    const path = asked.url?.replace(/^\/pre\/fix/, "");
    if (path === asked.url) return void answer.writeHead(404).end();
    const headers = { ...asked.headers, host: named };
    const passed = request({ host, port, path, method: asked.method, headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    });
    asked.pipe(passed);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/pre/fix`;
}
