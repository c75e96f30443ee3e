import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Worker } from "bullmq";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { sign } from "../../src/wechat/signature.ts";
import { eventXml, type HttpAnswer, httpRequest, sealPush } from "../support/strict-push.ts";
import { until } from "../support/until.ts";
import { expectOnce, expectTrue, openRig, people, type Rig } from "./rig.ts";

const encodingAESKey = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
const success = { status: 200, text: "success" };

type Seen = { query: URLSearchParams; body: string };

/** A bot that answers an account's callbacks today: it knows WeChat's rules and nothing of qunfa. */
async function openBot() {
  const seen: Seen[] = [];
  const bot = { seen, answer: { status: 200, body: "<xml>bot</xml>" }, url: "", close: async () => {} };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { searchParams } = new URL(request.url ?? "", "http://bot");
    seen.push({ query: searchParams, body: Buffer.concat(chunks).toString("utf8") });
    response.writeHead(bot.answer.status, { "content-type": "text/xml" }).end(bot.answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  bot.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/wechat?bot=1`;
  bot.close = async () => {
    if (!server.listening) return;
    await new Promise((resolve) => server.close(resolve));
  };
  return bot;
}

/** A handler that passes all that it gets on to an address, headers included, and answers what that does. */
async function openRelay() {
  const relay = { to: "", answers: [] as HttpAnswer[], url: "", close: async () => {} };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const headers = request.headers as Record<string, string>;
    const body = Buffer.concat(chunks).toString("utf8");
    const answer = await httpRequest(relay.to, { method: "POST", body, headers });
    relay.answers.push(answer);
    response.writeHead(answer.status).end(answer.text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  relay.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  relay.close = async () => void (await new Promise((resolve) => server.close(resolve)));
  return relay;
}

let rig: Rig;
let relay: Awaited<ReturnType<typeof openRelay>>;
let bot: Awaited<ReturnType<typeof openBot>>;
beforeAll(async () => {
  bot = await openBot();
  relay = await openRelay();
  const forwardTo = bot.url;
  rig = await openRig({
    accounts: {
      ...{ plain: {}, safe: { encodingAESKey }, gone: {}, relayed: {}, loop: { forwardTo: relay.url } },
      ...{ bot: { forwardTo }, "sealed-bot": { encodingAESKey, forwardTo }, results: { forwardTo } },
    },
  });
});
afterEach(() => rig.expectClean());
afterAll(async () => {
  await rig.close();
  await bot.close();
  await relay.close();
});

const now = () => Math.floor(Date.now() / 1_000);
const [ann = "", bob = "", cy = ""] = people(3, 900_000);

describe("WeChat's events", () => {
  test.each(["plain", "safe"])(
    "each pushed three times, are one job each for other services: %s",
    async (account) => {
      const desk = rig.desk(account);
      const at = now() - 5;
      const pushes = [
        eventXml({ openid: ann, event: "subscribe", at, key: "qrscene_shop-3", ticket: "TICKET" }),
        eventXml({ openid: bob, event: "unsubscribe", at }),
        eventXml({ openid: ann, event: "SCAN", at, key: "shop-4", ticket: "TICKET" }),
        eventXml({ openid: ann, event: "CLICK", at, key: "MENU_1" }),
        eventXml({ openid: ann, event: "CLICK", at: at + 1, key: "MENU_1" }),
      ];
      const taken: { id: string | undefined; name: string; data: Record<string, unknown> }[] = [];
      const take = async ({ id, name, data }: { id?: string | undefined; name: string; data: object }) => {
        if ((data as { account: string }).account === account)
          taken.push({ id, name, data: data as Record<string, unknown> });
      };
      const { host, port } = rig.client.options as { host: string; port: number };
      const worker = new Worker("events", take, {
        connection: { host, port },
        prefix: "{qunfa}",
        removeOnComplete: { count: 0 },
      });
      for (let times = 0; times < 3; times++)
        for (const xml of pushes) expect(await desk.post(xml)).toEqual(success);
      await until(() => taken.length >= pushes.length);
      // What came a second time would have been taken by now, behind what comes last.
      await desk.post(eventXml({ openid: ann, event: "VIEW", at, key: "https://example.com/?a=1&b=2" }));
      await until(() => taken.some(({ data }) => data.type === "VIEW"));
      await worker.close();

      const createdAt = new Date(at * 1_000).toISOString();
      const later = new Date((at + 1) * 1_000).toISOString();
      const expected = [
        {
          openid: ann,
          type: "subscribe",
          key: "qrscene_shop-3",
          scene: "shop-3",
          ticket: "TICKET",
          createdAt,
        },
        { openid: bob, type: "unsubscribe", createdAt },
        { openid: ann, type: "SCAN", key: "shop-4", scene: "shop-4", ticket: "TICKET", createdAt },
        { openid: ann, type: "CLICK", key: "MENU_1", createdAt },
        { openid: ann, type: "CLICK", key: "MENU_1", createdAt: later },
        { openid: ann, type: "VIEW", key: "https://example.com/?a=1&b=2", createdAt },
      ];
      expect(taken.map(({ name, data }) => ({ name, data }))).toEqual(
        expected.map((data) => ({ name: "event", data: { ...data, account, id: expect.any(String) } })),
      );
      expect(new Set(taken.map(({ data }) => data.id)).size).toBe(expected.length);
      for (const { id } of taken) expect(id).toMatch(/^(plain|safe)-[A-Za-z0-9_-]{27}$/);
    },
  );

  test("that wait are shown by the queue dashboard, without the one whose event it is", async () => {
    await rig.desk("plain").post(eventXml({ openid: bob, event: "CLICK", at: now(), key: "SHOWN" }));
    const { text } = await httpRequest(`${rig.url}/queues/api/queues?activeQueue=events&status=waiting`);
    expect(text).toContain("SHOWN");
    expect(text).not.toContain("oStory");
  });

  test("who unfollows is left out of the next campaign, and is in it again once they follow", async () => {
    const desk = rig.desk("gone");
    const list = people(20, 910_000);
    const [one = "", two = ""] = list;
    const at = now() - 60;
    for (let times = 0; times < 3; times++)
      for (const openid of [one, two])
        expect(await desk.post(eventXml({ openid, event: "unsubscribe", at }))).toEqual(success);
    // Of an earlier day, held back by a handler.
    await desk.post(eventXml({ openid: one, event: "subscribe", at: at - 86_400 }));

    const body = { account: "gone", message: { msgtype: "text", text: { content: "x" } } };
    const audience = { type: "openids", openids: list };
    const dry = await rig.post("/v1/campaigns/plan", { ...body, audience });
    expect(dry).toMatchObject({ status: 200, audience: { received: 20, excluded: 2, admitted: 18 } });

    const report = await rig.report(await rig.add("gone-1", "gone", list));
    expect(report).toMatchObject({
      state: "completed",
      audience: { received: 20, excluded: 2, admitted: 18 },
    });
    expectTrue(desk, "gone-1", report);
    expectOnce(desk, "gone-1", list.slice(2));
    expect((await rig.fateOf("gone-1", one)).outcome).toBe("excluded");

    await desk.post(eventXml({ openid: one, event: "subscribe", at: at + 10 }));
    await desk.post(eventXml({ openid: two, event: "CLICK", at: at + 10, key: "MENU_1" }));
    const again = await rig.report(await rig.add("gone-2", "gone", list));
    expect(again).toMatchObject({ audience: { excluded: 0, admitted: 20 } });
    expectOnce(desk, "gone-2", list);
  });
});

describe("a bot at forwardTo", () => {
  test.each(["bot", "sealed-bot"])("gets what WeChat sent, and its answer is WeChat's: %s", async (id) => {
    const { account } = rig.desk(id);
    const text = `<xml><FromUserName>${cy}</FromUserName><CreateTime>${now()}</CreateTime><MsgType>text</MsgType><Content>你好</Content><MsgId>7</MsgId></xml>`;
    for (const xml of [text, eventXml({ openid: cy, event: "CLICK", at: now(), key: "MENU_1" })]) {
      bot.seen.length = 0;
      const { query, body } = sealPush(account, xml);
      const url = `${rig.url}/wechat/${account.id}/callback?${query}`;
      const answer = await httpRequest(url, {
        method: "POST",
        body,
        headers: { "content-type": "text/xml" },
      });
      expect(answer).toEqual({ status: 200, text: "<xml>bot</xml>" });
      expect(bot.seen).toHaveLength(1);
      const [seen] = bot.seen as [Seen];
      expect(seen.body).toBe(body);
      expect(`${seen.query}`).toBe(`bot=1&${query}`);
      const { timestamp = "", nonce = "", signature } = Object.fromEntries(seen.query);
      expect(sign(account.token, timestamp, nonce)).toBe(signature);
    }
  });

  test("learns of a mass send's result too, which WeChat hears success for", async () => {
    const desk = rig.desk("results");
    bot.seen.length = 0;
    const report = await rig.report(await rig.add("results", "results", people(5, 920_000)));
    expect(report).toMatchObject({ state: "completed", countsMissing: 0 });
    await until(() => bot.seen.length === 1);
    expect(bot.seen[0]?.body).toContain("MASSSENDJOBFINISH");
    expect(desk.pushed).toEqual([success]);
  });

  test("that is in trouble or gone: WeChat hears success, and the event is kept all the same", async () => {
    const desk = rig.desk("bot");
    const count = () => rig.client.llen("{qunfa}:events:wait");
    const before = await count();
    const click = (key: string) => desk.post(eventXml({ openid: cy, event: "CLICK", at: now(), key }));
    bot.answer = { status: 500, body: "trouble" };
    expect(await click("TROUBLE")).toEqual(success);
    await bot.close();
    expect(await click("GONE")).toEqual(success);
    expect(await count()).toBe(before + 2);
  });
});

test("a handler that passes on to qunfa what qunfa passed on to it gets it once", async () => {
  const { account } = rig.desk("loop");
  const { query, body } = sealPush(account, eventXml({ openid: cy, event: "CLICK", at: now(), key: "LOOP" }));
  const url = `${rig.url}/wechat/loop/callback?${query}`;
  relay.to = url;
  expect(await httpRequest(url, { method: "POST", body })).toEqual(success);
  expect(relay.answers).toEqual([success]);
});

test("a handler may pass WeChat's requests on to qunfa instead", async () => {
  const { account } = rig.desk("relayed");
  const { query, body } = sealPush(account, eventXml({ openid: cy, event: "unsubscribe", at: now() }));
  const headers = {
    ...{ "content-type": "application/xml", "x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https" },
    ...{ forwarded: "for=203.0.113.9", "user-agent": "bot/1.0", host: "qunfa.example" },
  };
  const url = `${rig.url}/wechat/relayed/callback?${query}`;
  expect(await httpRequest(url, { method: "POST", body, headers })).toEqual(success);
  const report = await rig.report(await rig.add("relayed", "relayed", [cy, ...people(2, 930_000)]));
  expect(report.audience).toMatchObject({ excluded: 1, admitted: 2 });
});
