import { createHash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * A WeChat that takes everything at once and calls back right after its answer, in a process of its own. It prints its
 * port. Its arguments: where callbacks go, and the token that signs them.
 */
const [callbackBase = "", token = ""] = process.argv.slice(2);
let msgId = 1_000_000_000;

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const body = await drain(request);
  const isSend = pathname === "/cgi-bin/message/mass/send";
  const answer = isSend
    ? { errcode: 0, errmsg: "ok", msg_id: ++msgId, msg_data_id: msgId }
    : pathname.endsWith("stable_token")
      ? { access_token: "bench", expires_in: 7_200 }
      : { total: 1_000_000, count: 0 };
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(answer));
  if (isSend && callbackBase) await callBack(msgId, recipientsIn(body));
});
server.listen(0, "127.0.0.1", () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.once("SIGTERM", () => process.exit(0));

async function drain(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Each stands between two quotes of the list `touser`. */
function recipientsIn(body: Buffer): number {
  const list = body.subarray(body.indexOf("["), body.indexOf("]"));
  let quotes = 0;
  for (const byte of list) if (byte === 0x22) quotes += 1;
  return quotes / 2;
}

async function callBack(id: number, total: number): Promise<void> {
  const [timestamp, nonce] = ["1750000000", "bench"];
  const signature = createHash("sha1").update([token, timestamp, nonce].sort().join("")).digest("hex");
  const fields = { TotalCount: total, FilterCount: total, SentCount: total, ErrorCount: 0 };
  const counts = Object.entries(fields).map(([name, count]) => `<${name}>${count}</${name}>`);
  const body = [
    "<xml><ToUserName>gh_bench</ToUserName><FromUserName>oBench</FromUserName>",
    `<CreateTime>${timestamp}</CreateTime><MsgType>event</MsgType><Event>MASSSENDJOBFINISH</Event>`,
    `<MsgID>${id}</MsgID><Status>send success</Status>${counts.join("")}</xml>`,
  ];
  const url = `${callbackBase}?signature=${signature}&timestamp=${timestamp}&nonce=${nonce}`;
  await fetch(url, { method: "POST", body: body.join("") });
}
