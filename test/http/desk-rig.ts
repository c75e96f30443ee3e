import { onTestFinished } from "vitest";
import { Account } from "../../src/campaign/account.ts";
import type { Message } from "../../src/campaign/message.ts";
import { createDesk } from "../../src/compose-desk.ts";
import { openWechat } from "../../src/compose-wechat.ts";
import { createLogger } from "../../src/log.ts";
import { opening } from "../../src/opening.ts";
import { followerOpenid } from "../../src/sandbox/followers.ts";
import { openSandbox, type SandboxOptions } from "../../src/sandbox/server.ts";
import type { Limits } from "../store/quota-rig.ts";
import { account, openRig } from "../store/rig.ts";
import { until } from "../support/until.ts";
import { openDoor } from "./door.ts";

type Options = {
  readonly limits?: Limits;
  readonly kind?: Account["kind"];
  readonly sandbox?: Partial<SandboxOptions>;
};

export type Json = Record<string, unknown>;
export type DeskRig = Awaited<ReturnType<typeof openDeskRig>>;

/** The account `acme` over a ledger of its own, a sandbox with the ledger's clock, and the door. */
export async function openDeskRig({ limits = {}, kind = "service", sandbox: settings }: Options = {}) {
  const rig = openRig();
  const named = { id: account, appid: "wx0123456789abcdef", secret: "s", kind, token: "t" } as const;
  const sandbox = await openSandbox({
    ...{ port: 0, clock: rig.clock, followers: 50, accounts: [named], callbackBase: "http://127.0.0.1:1" },
    ...{ latencyMs: [0, 0], callbackDelayMs: [0, 0], callbackRetryMs: 0, ...settings },
  });
  const acme = Account.parse({ ...named, apiBase: sandbox.url, mpBase: sandbox.url, limits });
  const accounts = new Map([[account, acme]]);
  const opened = await opening(async (opened) => {
    const config = { accounts: [acme], sendTimeoutMs: 2_000, noProxy: [] as string[] };
    const wechatOf = openWechat(config as never, { ...rig, log: createLogger("silent") }, opened);
    return { wechatOf, close: opened.close };
  });
  const { wechatOf } = opened;
  const woken: string[] = [];
  const desk = createDesk({
    ...{ ...rig, accounts, wechatOf, settings: { sendTimeoutMs: 2_000 } },
    wakeBatch: async ({ campaign, number }) => void woken.push(`${campaign}~${number}`),
  });
  const door = await openDoor({
    accounts,
    desk,
    clock: rig.clock,
    readQuota: (one) => rig.quotas.read(one, rig.clock.now()),
    ledger: {
      findCampaign: rig.campaigns.find,
      listCampaigns: rig.lookup.list,
      batchesOf: rig.batches.of,
      findRecipient: rig.lookup.recipient,
    },
  });
  onTestFinished(async () => {
    await door.close();
    await opened.close();
    await sandbox.close();
    await rig.quit();
  });

  const stage = async (path: string, body?: object): Promise<Json> => {
    const init = body && { method: "POST", body: JSON.stringify(body) };
    return (await (await fetch(`${sandbox.url}/sandbox${path}`, init)).json()) as Json;
  };
  /** A call of the account's own, made elsewhere than by qunfa. */
  const elsewhere = async (api: string, body: object): Promise<Json> => {
    const token = await wechatOf(account).token.get();
    const url = `${sandbox.url}/cgi-bin/${api}?access_token=${token}`;
    return (await (await fetch(url, { method: "POST", body: JSON.stringify(body) })).json()) as Json;
  };
  const arrived = async (api: string): Promise<number> => {
    const books = (await stage(`/books/${account}`)) as { totals: { arrived: Record<string, number> } };
    return books.totals.arrived[api] ?? 0;
  };

  return {
    ...{ rig, sandbox, door, desk, acme, wechatOf, woken, stage, elsewhere, arrived },
    openid: followerOpenid(account, 1),
    stranger: "oStranger_of_nobody_at_all00",

    async ask(method: string, path: string, body?: object): Promise<{ status: number; body: Json }> {
      const headers = { "content-type": "application/json" };
      const json = body && { headers, body: JSON.stringify(body) };
      const { status, text } = await door.ask(path, { method, ...json });
      return { status, body: text === "" ? {} : (JSON.parse(text) as Json) };
    },

    /** A campaign of a message for each batch, sent by WeChat to its end. */
    async sent(id: string, messages: readonly Message[]): Promise<string[]> {
      const campaign = await rig.plan(
        id,
        messages.map(() => 2),
      );
      const [message] = messages;
      await rig.setCampaign(id, { message: JSON.stringify(message) });
      const msgIds: string[] = [];
      for (const [index, address] of campaign.entries()) {
        const touser = [followerOpenid(account, 2 * index), followerOpenid(account, 2 * index + 1)];
        const clientmsgid = `${id}-${index}`;
        const reply = await elsewhere("message/mass/send", { ...messages[index], touser, clientmsgid });
        const msgId = String(reply.msg_id);
        await rig.go(address);
        await rig.accept(address, msgId);
        await until(async () => (await status(msgId)) === "SEND_SUCCESS");
        await rig.end(address);
        msgIds.push(msgId);
      }
      await rig.setCampaign(id, { state: "completed", closedAt: rig.clock.now() });
      return msgIds;
    },
    status,
  };

  async function status(msgId: string): Promise<unknown> {
    return (await elsewhere("message/mass/get", { msg_id: msgId })).msg_status;
  }
}

export const articles = (media_id: string): Message => ({ msgtype: "mpnews", mpnews: { media_id } });
export const film = (media_id: string): Message => ({ msgtype: "mpvideo", mpvideo: { media_id } });
