import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { request } from "node:http";

/**
 * The pushing half of {@link openStrictWechat}: builds WeChat's messages in its three modes from
 * WECHAT.md section 6 alone, with cryptography of its own. Shares no code with src/.
 */

export type PushAccount = {
  readonly id: string;
  readonly appid: string;
  readonly token: string;
  readonly encodingAESKey?: string;
  /** Default: safe with a key, plain without. */
  readonly mode?: "plain" | "compatible" | "safe";
};

export type FinishEvent = {
  readonly msgId: string;
  readonly status: string;
  readonly counts: { total: number; filter: number; sent: number; error: number };
};

/** MASSSENDJOBFINISH, its CDATA padded as in the real push of 2017, result nodes nearly empty. */
export function finishXml({ msgId, status, counts }: FinishEvent): string {
  const padded = (text: string) => `<![CDATA[\n        ${text}\n        ]]>`;
  return [
    "<xml>",
    "<ToUserName><![CDATA[gh_0123456789ab]]></ToUserName>",
    "<FromUserName><![CDATA[oPusher0000000000000000000000]]></FromUserName>",
    `<CreateTime>${Math.floor(Date.now() / 1000)}</CreateTime>`,
    "<MsgType><![CDATA[event]]></MsgType>",
    `<Event>${padded("MASSSENDJOBFINISH")}</Event>`,
    `<MsgID>${msgId}</MsgID>`,
    `<Status>${padded(status)}</Status>`,
    `<TotalCount>${counts.total}</TotalCount>`,
    `<FilterCount>${counts.filter}</FilterCount>`,
    `<SentCount>${counts.sent}</SentCount>`,
    `<ErrorCount>${counts.error}</ErrorCount>`,
    "<CopyrightCheckResult><Count>0</Count><ResultList></ResultList><CheckState>0</CheckState></CopyrightCheckResult>",
    "</xml>",
  ].join("\n");
}

/** An event of section 6.4: what a person did, at `at` seconds. */
export function eventXml(of: {
  readonly openid: string;
  readonly event: string;
  readonly at: number;
  readonly key?: string;
  readonly ticket?: string;
}): string {
  const { openid, event, at, key = "", ticket } = of;
  return [
    "<xml><ToUserName><![CDATA[gh_0123456789ab]]></ToUserName>",
    `<FromUserName><![CDATA[${openid}]]></FromUserName>`,
    `<CreateTime>${at}</CreateTime>`,
    "<MsgType><![CDATA[event]]></MsgType>",
    `<Event><![CDATA[${event}]]></Event>`,
    `<EventKey><![CDATA[${key}]]></EventKey>`,
    ...(ticket === undefined ? [] : [`<Ticket><![CDATA[${ticket}]]></Ticket>`]),
    "</xml>",
  ].join("\n");
}

export type Push = { readonly query: URLSearchParams; readonly body: string };

/** One message as WeChat sends it to this account, signed now. */
export function sealPush(account: PushAccount, xml: string): Push {
  const { token, encodingAESKey, mode = encodingAESKey ? "safe" : "plain" } = account;
  const timestamp = String(Math.floor(Date.now() / 1000));
  const nonce = randomBytes(5).toString("hex");
  const query = new URLSearchParams({
    signature: sha1(token, timestamp, nonce),
    timestamp,
    nonce,
    openid: "oPusher0000000000000000000000",
  });
  if (mode === "plain" || encodingAESKey === undefined) return { query, body: xml };

  const sealed = encrypt(xml, account.appid, encodingAESKey);
  query.set("encrypt_type", "aes");
  query.set("msg_signature", sha1(token, timestamp, nonce, sealed));
  const encrypted = `<Encrypt><![CDATA[${sealed}]]></Encrypt>`;
  if (mode === "compatible") return { query, body: xml.replace("</xml>", `${encrypted}</xml>`) };
  return { query, body: `<xml><ToUserName><![CDATA[gh_0123456789ab]]></ToUserName>${encrypted}</xml>` };
}

function sha1(...parts: string[]): string {
  return createHash("sha1").update(parts.sort().join("")).digest("hex");
}

/** AES-256-CBC; 16 random bytes, the length in four, the message, the appid; padded to blocks of 32. */
function encrypt(xml: string, appid: string, encodingAESKey: string): string {
  const key = Buffer.from(`${encodingAESKey}=`, "base64");
  const message = Buffer.from(xml, "utf8");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length);
  const plain = Buffer.concat([randomBytes(16), length, message, Buffer.from(appid)]);
  const pad = 32 - (plain.length % 32);
  const cipher = createCipheriv("aes-256-cbc", key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([
    cipher.update(Buffer.concat([plain, Buffer.alloc(pad, pad)])),
    cipher.final(),
  ]).toString("base64");
}

export type HttpAnswer = { readonly status: number; readonly text: string };

/** One request on a connection of its own, so that nothing stays open behind a test. */
export function httpRequest(
  url: string,
  {
    method = "GET",
    body,
    headers = {},
  }: { method?: string; body?: string; headers?: Record<string, string> } = {},
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }),
      );
    });
    call.on("error", reject);
    call.end(body);
  });
}
