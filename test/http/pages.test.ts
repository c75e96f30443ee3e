import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Failure } from "../../src/failure.ts";
import { asBrowser } from "./console-rig.ts";
import { openDoor } from "./door.ts";
import { batch, campaign, createLedger, ended } from "./ledger.ts";

const books = createLedger();
let door: Awaited<ReturnType<typeof openDoor>>;
beforeAll(async () => {
  const done = [
    batch("done", 1, {
      state: "succeeded",
      msgId: "1",
      counts: { total: 2, filtered: 2, sent: 1, failed: 1 },
    }),
    batch("done", 2, {
      state: "failed",
      closedBy: "reply",
      trouble: { code: "REFUSED", errcode: 40008, message: "invalid <message>" },
    }),
  ];
  books.campaigns.push(campaign("open", { name: '<b>"Sale"</b>', planned: 2 }), ended("done", done).campaign);
  books.batches.push(...done);
  books.batches.push(
    batch("open", 1, {
      state: "succeeded",
      msgId: "9",
      counts: { total: 2, filtered: 2, sent: 2, failed: 0 },
    }),
    batch("open", 2, { wait: { reason: "window", until: Date.UTC(2026, 2, 3, 1) } }),
  );
  for (let number = 1; number <= 101; number++) books.batches.push(batch("large", number));
  books.campaigns.push(campaign("large", { account: "shop", planned: 101 }));
  for (let number = 1; number <= 25; number++)
    books.campaigns.push(campaign(`old-${number}`, { state: "canceled" }));
  door = await openDoor({ ledger: books.ledger });
});
afterAll(() => door.close());

const page = (path: string, language = "en") =>
  door.ask(path, { headers: { ...asBrowser, "accept-language": language } });

describe("the page of campaigns", () => {
  test("shows each with its state, what it waits for, progress and people", async () => {
    const { status, headers, text } = await page("/");
    expect([status, headers["cache-control"]]).toEqual([200, "no-store"]);
    expect(text).toContain('<a href="/campaigns/open">&lt;b&gt;&quot;Sale&quot;&lt;/b&gt;</a>');
    expect(text).toContain('<span class="state waiting">waiting</span>');
    expect(text).toMatch(
      /Waits for: its window, until <time datetime="2026-03-03T01:00:00.000Z">2026-03-03 09:00:00</,
    );
    expect(text).toMatch(/<progress max="100" value="50"[^>]*>50 %<\/progress>/);
    expect(text).toContain('<span class="state partly_completed">partly completed</span>');
    expect(text).toContain('<td data-label="sent" class="number">1</td>');
    expect(text).toContain('<meta http-equiv="refresh" content="20">');
    expect(text).not.toMatch(/<script|<b>|style=|https?:\/\//);
  });

  test.each([
    ["zh-CN,zh;q=0.9,en;q=0.8", "zh-CN", "群发任务"],
    ["de, zh-TW;q=0.5, en;q=0.3", "zh-CN", "群发任务"],
    ["en-GB,zh;q=0.9", "en", "Campaigns"],
    ["fr", "en", "Campaigns"],
    ["zh;q=0", "en", "Campaigns"],
  ])("to a browser that asks for %s it speaks %s", async (accepted, language, title) => {
    const { headers, text } = await page("/", accepted);
    expect(headers["content-language"]).toBe(language);
    expect(text).toContain(`<html lang="${language}">`);
    expect(text).toContain(`<h1>${title}</h1>`);
  });

  test("shows 25, and leads on to older ones and back", async () => {
    const rows = (text: string) => text.match(/<td class="what">/g)?.length;
    const first = await page("/?account=acme");
    expect(rows(first.text)).toBe(25);
    const [, next = ""] = /<a rel="next" href="([^"]+)">/.exec(first.text) ?? [];
    const older = await page(next.replaceAll("&amp;", "&"));
    expect(rows(older.text)).toBe(2);
    expect(older.text).toContain('<a href="/?account=acme">← Newest</a>');
    expect(older.text).not.toContain("http-equiv");
  });

  test("shows only those of an account or a state", async () => {
    expect((await page("/?account=shop&state=")).text).toContain('href="/campaigns/large"');
    expect((await page("/?account=shop&state=")).text).not.toContain('href="/campaigns/open"');
    const canceled = (await page("/?account=&state=canceled")).text;
    expect(canceled).toContain('<option value="canceled" selected>');
    expect(canceled).not.toContain('href="/campaigns/open"');
    expect((await page("/?account=shop&state=failed")).text).toContain("No campaigns.");
  });

  test.each(["/?cursor=nonsense", "/?state=nonsense", "/?nonsense=1"])(
    "%s is told a person in words",
    async (path) => {
      const { status, headers, text } = await page(path, "zh");
      expect([status, headers["content-type"]]).toEqual([422, "text/html; charset=UTF-8"]);
      expect(text).toContain("地址中有不符合要求的内容。");
    },
  );
});

describe("the page of a campaign", () => {
  test("shows its report and each batch, and leads to their jobs", async () => {
    const { status, text } = await page("/campaigns/done");
    expect(status).toBe(200);
    for (const path of ["campaigns/done", "batches/done~1", "batches/done~2"])
      expect(text).toContain(`href="/queues/queue/${path}"`);
    expect(text).toContain("<dt>submitted</dt><dd>2</dd>");
    expect(text).toContain("<dt>received</dt><dd>5</dd>");
    expect(text).toContain('<tr id="batch-2">');
    expect(text).toContain("40008 invalid &lt;message&gt;");
    expect(text).not.toContain("http-equiv");
  });

  test("shows a hundred batches at a time", async () => {
    const { text } = await page("/campaigns/large");
    expect(text.match(/<tr id=/g)).toHaveLength(100);
    expect(text).toContain('href="/campaigns/large?after=100"');
    expect((await page("/campaigns/large?after=100")).text.match(/<tr id=/g)).toHaveLength(1);
  });

  test.each(["/campaigns/nobody", "/campaigns/%3Cscript%3E"])(
    "%s is told a person as not there",
    async (path) => {
      const { status, text } = await page(path);
      expect(status).toBe(404);
      expect(text).toContain("There is no such thing.");
    },
  );
});

describe("a trouble", () => {
  test("at a path that is none is a page to a person, and a problem body to a program", async () => {
    const { status, headers, text } = await page("/nope");
    expect([status, headers["content-type"]]).toEqual([404, "text/html; charset=UTF-8"]);
    expect(text).toContain("There is no such thing.");
    const { json } = await door.ask("/nope", { headers: { accept: "*/*" } });
    expect(json()).toMatchObject({ status: 404, code: "NOT_FOUND" });
  });

  test("is a problem body to a person, too, who looks at the API", async () => {
    for (const path of ["/v1/nope", "/v1/campaigns/nobody", "/wechat/nobody/callback"])
      expect((await page(path)).headers["content-type"]).toBe("application/problem+json");
  });

  test("before it is known who asks is a page without a way to log out", async () => {
    const away = async () => {
      throw new Failure("REDIS_AWAY", "Redis does not answer.");
    };
    const login = { isLoggedIn: away, addressFor: () => "/login" };
    const closed = await openDoor({ login });
    const { status, headers, text } = await closed.ask("/", { headers: asBrowser });
    expect([status, headers["retry-after"]]).toEqual([503, "5"]);
    expect(text).toContain("Redis");
    expect(text).not.toMatch(/<nav>|logout/);
    await closed.close();
  });
});
