import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { until } from "../support/until.ts";
import { type Front, inGzip, openFront, openProxy, type Spoil, withMark } from "./front.ts";
import { expectOnce, openRig, people, type Rig } from "./rig.ts";

/** What the first call of each path meets whose answer can't be understood, and whether WeChat took it. */
const doubts: Record<string, { took: boolean; spoil: Spoil }> = {
  unread: { took: false, spoil: ({ request }) => request.socket.resetAndDestroy() },
  read: {
    took: true,
    spoil: async ({ request, pass }) => {
      await pass();
      request.socket.resetAndDestroy();
    },
  },
  middle: {
    took: true,
    spoil: async ({ request, response, pass }) => {
      const text = await pass();
      response.writeHead(200, { "content-length": text.length });
      response.write(text.slice(0, 9), () => request.socket.resetAndDestroy());
    },
  },
  silent: { took: true, spoil: async ({ pass }) => void (await pass()) },
  drips: {
    took: true,
    spoil: async ({ request, response, pass }) => {
      await pass();
      const drip = setInterval(() => response.write(" "), 100);
      request.socket.once("close", () => clearInterval(drip));
    },
  },
  "html-page": {
    took: true,
    spoil: async ({ response, pass }) => response.end(`<html>${(await pass()).length}`),
  },
  "bad-gateway": {
    took: true,
    spoil: async ({ response, pass }) => response.writeHead(502).end(await pass()),
  },
  timeout: { took: false, spoil: ({ response }) => response.writeHead(504).end() },
  redirect: {
    took: false,
    spoil: ({ request, response }) =>
      response.writeHead(307, { location: `${rig.wechat.url}${request.url}` }).end(),
  },
  "broken-gzip": {
    took: true,
    spoil: async ({ response, pass }) =>
      response.setHeader("content-encoding", "gzip").end(gzipSync(await pass()).subarray(0, 30)),
  },
};

/** What keeps a call from leaving, and how it is mended. */
const hindrances: Record<string, { meet: (front: Front) => unknown; mend: (front: Front) => unknown }> = {
  away: { meet: (front) => front.leave(), mend: (front) => front.comeBack() },
  "tls-reset": { meet: (front) => front.reset(true), mend: (front) => front.reset(false) },
  "other-host": { meet: (front) => front.show("other-host"), mend: (front) => front.show("cert") },
  expired: { meet: (front) => front.show("expired"), mend: (front) => front.show("cert") },
  "proxy-407": {
    meet: ({ port }) => proxy.refuse(port, "407 Proxy Authentication Required"),
    mend: ({ port }) => proxy.refuse(port, undefined),
  },
  "proxy-502": {
    meet: ({ port }) => proxy.refuse(port, "502 Bad Gateway"),
    mend: ({ port }) => proxy.refuse(port, undefined),
  },
};
const wrapped: Record<string, Spoil> = { "in-gzip": inGzip, "with-mark": withMark };

let rig: Rig;
let proxy: Awaited<ReturnType<typeof openProxy>>;
const fronts = new Map<string, Front>();
beforeAll(async () => {
  proxy = await openProxy();
  for (const account of Object.keys(doubts)) fronts.set(account, await openFront());
  for (const account of Object.keys(hindrances)) fronts.set(account, await openFront({ tls: true }));
  for (const [account, spoilAll] of Object.entries(wrapped))
    fronts.set(account, await openFront({ spoilAll }));
  rig = await openRig({
    accounts: Object.fromEntries([...fronts].map(([id, { url }]) => [id, { apiBase: url }])),
    env: {
      HTTPS_PROXY: proxy.url,
      NODE_EXTRA_CA_CERTS: fileURLToPath(new URL("../fixtures/tls/trusted.pem", import.meta.url)),
      QUNFA_POLL_MS: "300",
    },
  });
  for (const front of fronts.values()) front.leadTo(rig.wechat.url);
});
afterEach(() => rig.expectClean());
afterAll(async () => {
  await rig.close();
  for (const front of fronts.values()) await front.close();
  await proxy.close();
});

const frontOf = (account: string): Front => {
  const front = fronts.get(account);
  if (!front) throw new Error(`no front of ${account}`);
  return front;
};
const used = async (account: string) =>
  (await rig.get<{ send: { used: number; held: number } }>(`/v1/accounts/${account}/quota`)).send;
const list = people(300);

/** Sent once to everybody, closed by polls, and every call counted as it must be. */
async function expectSent(account: string, id: string, sendCalls: number, units = sendCalls): Promise<void> {
  const desk = rig.desk(account);
  const { report } = await rig.shown(id, (shown) => shown.report !== null, 60_000);
  expectOnce(desk, id, list);
  expect(report).toMatchObject({ state: "completed", batches: { succeeded: 1 }, sendCalls });
  expect(await used(account)).toMatchObject({ used: units, held: 0 });
}

test("each account's calls meet one trouble that leaves them in doubt, tokens and polls too: all is sent, once", async () => {
  await Promise.all(
    Object.entries(doubts).map(async ([account, { took, spoil }]) => {
      const desk = rig.desk(account);
      desk.usual = { result: { when: "never" } };
      frontOf(account).spoilOnce(spoil);
      await rig.add(`met-${account}`, account, list);
      await expectSent(account, `met-${account}`, 2);
      expect(desk.calls.map(({ errcode }) => errcode)).toEqual(took ? [0, 45065] : [0]);
      expect((await rig.batches(`met-${account}`))[0]).toMatchObject({ closedBy: "poll", calls: 2 });
      expect(desk.tokenCalls).toBeLessThanOrEqual(2);
    }),
  );
});

test("each account's calls meet one trouble in which they never leave: nothing is spent, and all is sent, once", async () => {
  await Promise.all(
    Object.entries(hindrances).map(async ([account, { meet, mend }]) => {
      const [desk, front] = [rig.desk(account), frontOf(account)];
      await rig.add(`before-${account}`, account, list);
      await expectSent(account, `before-${account}`, 1);
      await meet(front);
      const id = `met-${account}`;
      await rig.add(id, account, list);
      await until(async () => (await rig.batches(id))[0]?.error?.code === "NEVER_LEFT", {
        timeoutMs: 30_000,
      });
      expect((await rig.batches(id))[0]).toMatchObject({ state: "planned", calls: 0 });
      await until(async () => (await used(account)).used === 1);
      await mend(front);
      await expectSent(account, id, 1, 2);
      expect(desk.calls.map(({ errcode }) => errcode)).toEqual([0, 0]);
    }),
  );
});

test.each(Object.keys(wrapped))("%s: answers that are wrapped on the way are understood", async (account) => {
  await rig.add(`met-${account}`, account, list);
  await expectSent(account, `met-${account}`, 1);
  expect(rig.desk(account).tokenCalls).toBe(1);
});
