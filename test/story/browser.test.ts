import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { findBrowser } from "../../scripts/browser.mjs";
import { openRig, people, type Rig } from "./rig.ts";

/** `npm test` installs one where it can, which is on Debian and Ubuntu as root; elsewhere the file skips itself. */
const executablePath = findBrowser() ?? "";
const password = "correct horse";

/** What a browser on a slow machine says of bull-board's own page: about time, not about what it may do. */
const TOO_SLOW = /preloaded using link preload but not used within a few seconds/;

describe.skipIf(executablePath === "")("in a browser", () => {
  let rig: Rig;
  let browser: Browser;
  /** What the browser complains of: errors, warnings, whatever a policy stops. */
  const complaints: string[] = [];
  /** What pages asked for, stopped by a policy or not. */
  const addresses: string[] = [];
  const servers = new Set<string>();

  beforeAll(async () => {
    const env = { QUNFA_DASHBOARD_PASSWORD: password };
    rig = await openRig({ accounts: { acme: {} }, env });
    await rig.report(await rig.add("november", "acme", people(25), { name: "November <offer>" }));
    const schedule = { startAt: "2099-01-01T09:00:00+08:00" };
    await rig.add("later", "acme", people(30, 100), { schedule });
    await rig.shown("later", ({ state }) => state === "scheduled");
    browser = await chromium.launch({
      executablePath,
      // Chromium has no sandbox of its own as root; nothing but our pages is opened.
      args: ["--no-sandbox"],
    });
  });
  afterEach(async () => {
    // A page that stays open would go on asking, and be counted for the next test.
    for (const context of browser.contexts()) await context.close();
    rig.expectClean();
    expect(complaints.splice(0)).toEqual([]);
    expect(addresses.length).toBeGreaterThan(0);
    expect(addresses.splice(0).filter((address) => !servers.has(new URL(address).origin))).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await rig?.close();
  });

  async function open(path: string, options: BrowserContextOptions = {}, server = rig.url): Promise<Page> {
    servers.add(server);
    const context = await browser.newContext({ locale: "en-US", ...options });
    context.on("request", (request) => addresses.push(request.url()));
    context.on("console", (message) => {
      const text = message.text();
      if (["error", "warning"].includes(message.type()) && !TOO_SLOW.test(text)) complaints.push(text);
    });
    context.on("weberror", (error) => complaints.push(String(error.error())));
    const page = await context.newPage();
    await page.goto(server + path);
    return page;
  }

  async function logIn(page: Page): Promise<void> {
    await page.locator("input[name=password]").fill(password);
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.pathname !== "/login");
  }

  test("a wrong password shows the form again, the right one what was asked for, and logging out ends it", async () => {
    const page = await open("/campaigns/november");
    expect(new URL(page.url()).pathname).toBe("/login");
    await page.locator("input[name=password]").fill("wrong");
    await page.keyboard.press("Enter");
    expect(await page.getByRole("alert").textContent()).toBe("User or password is wrong.");
    // Chromium itself reports the answer's status.
    expect(complaints.splice(0).every((text) => text.includes("401"))).toBe(true);

    await logIn(page);
    expect(new URL(page.url()).pathname).toBe("/campaigns/november");
    expect(await page.locator("h1").textContent()).toBe("November <offer>");
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ name: "qunfa", path: "/", httpOnly: true, sameSite: "Lax" });

    await page.getByRole("button", { name: "Log out" }).click();
    await page.waitForURL("**/login");
    await page.goto(rig.url);
    expect(new URL(page.url()).pathname).toBe("/login");
  });

  test.each([
    ["en-US", "Campaigns", "completed", "scheduled"],
    ["zh-CN", "群发任务", "已完成", "已排期"],
  ])(
    "to a browser in %s the campaigns are shown in its language, without a script",
    async (locale, title, ...states) => {
      const page = await open("/", { locale, javaScriptEnabled: false, colorScheme: "dark" });
      await logIn(page);
      expect(await page.locator("h1").textContent()).toBe(title);
      for (const state of states)
        expect(await page.getByText(state, { exact: true }).count()).toBeGreaterThan(0);
      expect(await page.locator("progress").count()).toBe(2);
      const { color, backgroundColor } = await page.evaluate<Record<string, string>>(
        "(({ color, backgroundColor }) => ({ color, backgroundColor }))(getComputedStyle(document.body))",
      );
      expect([color, backgroundColor]).toEqual(["rgb(230, 235, 232)", "rgb(18, 21, 19)"]);
    },
  );

  test.each([320, 360, 800, 1_000, 1_100])(
    "on a screen of %i pixels nothing is wider than it",
    async (width) => {
      const page = await open("/", { viewport: { width, height: 740 } });
      await logIn(page);
      for (const path of ["/", "/?state=completed", "/campaigns/november", "/login?next=/"]) {
        await page.goto(rig.url + path);
        expect([path, await page.evaluate("document.documentElement.scrollWidth")]).toEqual([path, width]);
      }
    },
  );

  test("the dashboard shows each queue, and leads from a job to its campaign and back", async () => {
    const page = await open("/queues");
    await logIn(page);
    for (const queue of ["campaigns", "batches", "reconcile", "events"])
      await page.getByRole("link", { name: queue, exact: true }).first().waitFor();
    await page.getByText("deleting a job cancels nothing").waitFor();

    await page.goto(`${rig.url}/queues/queue/batches/november~1`);
    const link = page.getByRole("link", { name: "Campaign · 群发任务" }).first();
    expect(await link.getAttribute("href")).toBe("/campaigns/november");
    await page.goto(`${rig.url}/campaigns/november`);
    await page.getByRole("link", { name: "Job in the queue" }).click();
    await page.waitForURL("**/queues/queue/campaigns/november");
    await page.getByText("november").first().waitFor();
    expect(await page.getByText("oStory").count()).toBe(0);
    await page.waitForLoadState("networkidle");
  });

  test("the dashboard leads to the login once the session is over, and a reload keeps what was chosen", async () => {
    const page = await open("/queues");
    await logIn(page);
    await page.getByRole("link", { name: "batches", exact: true }).first().waitFor();
    await page.goto(`${rig.url}/queues/?status=failed`);
    expect(page.url()).toBe(`${rig.url}/queues?status=failed`);
    await page.waitForLoadState("networkidle");
    await page.context().clearCookies();
    // As one that comes back to the page finds it.
    await page.evaluate("dispatchEvent(new Event('pageshow'))");
    await page.waitForURL(`**/login?${new URLSearchParams({ next: "/queues?status=failed" })}`);
  });

  test("under a base path the dashboard asks for nothing outside of it", async () => {
    const { url } = await rig.startServer({ QUNFA_BASE_PATH: "/mass/qunfa" });
    const page = await open("/mass/qunfa/queues", {}, url);
    await logIn(page);
    await page.getByRole("link", { name: "batches", exact: true }).first().click();
    await page.waitForURL("**/mass/qunfa/queues/queue/batches**");
    await page.getByText("november~1").first().waitFor();
    await page.getByRole("link", { name: "Campaign · 群发任务" }).first().waitFor();
    await page.getByRole("link", { name: "Campaigns", exact: true }).click();
    await page.waitForURL("**/mass/qunfa/");
    await page.getByRole("link", { name: "November <offer>" }).click();
    await page.getByRole("heading", { name: "November <offer>" }).waitFor();
    const seen = addresses.map((address) => new URL(address).pathname);
    expect(seen.filter((path) => !path.startsWith("/mass/qunfa/"))).toEqual([]);
    expect(seen.length).toBeGreaterThan(10);
  });
});
