import type { IncomingMessage, ServerResponse } from "node:http";
import { systemClock } from "../../src/clock.ts";
import { createLogger } from "../../src/log.ts";
import { openClient } from "../../src/wechat/client.ts";
import { openDownload } from "../../src/wechat/download.ts";
import { createTestClock } from "../support/clock.ts";
import { openHttp } from "./servers.ts";

type Kind = "get" | "json" | "form";

/** Every interface that the client knows, and how it is called (WECHAT.md sections 2, 5, 7, 8 and 9). */
const interfaces: Readonly<
  Record<string, { kind: Kind; query?: readonly string[]; optional?: readonly string[] }>
> = {
  "/cgi-bin/media/uploadimg": { kind: "form" },
  "/cgi-bin/media/upload": { kind: "form", query: ["type"] },
  "/cgi-bin/material/add_material": { kind: "form", query: ["type"] },
  "/cgi-bin/media/uploadvideo": { kind: "json" },
  "/cgi-bin/media/uploadnews": { kind: "json" },
  "/cgi-bin/draft/add": { kind: "json" },
  "/cgi-bin/message/mass/send": { kind: "json" },
  "/cgi-bin/message/mass/sendall": { kind: "json" },
  "/cgi-bin/message/mass/preview": { kind: "json" },
  "/cgi-bin/message/mass/delete": { kind: "json" },
  "/cgi-bin/message/mass/speed/get": { kind: "json" },
  "/cgi-bin/message/mass/speed/set": { kind: "json" },
  "/cgi-bin/openapi/quota/get": { kind: "json" },
  "/cgi-bin/clear_quota": { kind: "json" },
  "/cgi-bin/user/get": { kind: "get", optional: ["next_openid"] },
  "/cgi-bin/user/tag/get": { kind: "json" },
  "/cgi-bin/user/info/batchget": { kind: "json" },
  "/cgi-bin/tags/get": { kind: "get" },
  "/cgi-bin/tags/create": { kind: "json" },
  "/cgi-bin/tags/update": { kind: "json" },
  "/cgi-bin/tags/delete": { kind: "json" },
  "/cgi-bin/tags/members/batchtagging": { kind: "json" },
  "/cgi-bin/tags/members/batchuntagging": { kind: "json" },
  "/cgi-bin/menu/create": { kind: "json" },
  "/cgi-bin/menu/get": { kind: "get" },
  "/cgi-bin/menu/delete": { kind: "get" },
  "/cgi-bin/menu/addconditional": { kind: "json" },
  "/cgi-bin/menu/delconditional": { kind: "json" },
  "/cgi-bin/menu/trymatch": { kind: "json" },
  "/cgi-bin/qrcode/create": { kind: "json" },
};

/** A request as it came: its body as text, or as what a multipart reader makes of it. */
export type Recorded = {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly text: string;
  readonly fields: Readonly<Record<string, string | { name: string; type: string; bytes: Buffer }>>;
};

export type Recorder = Awaited<ReturnType<typeof openRecorder>>;

/**
 * WeChat's address, which keeps what it is asked and answers what the test has given it, in order. What WeChat
 * would not take at all (an unknown path, a wrong verb, a query or a body of another kind, an escape in place of
 * UTF-8) is told in `faults`, which a test expects to be empty, and answered with HTTP 400.
 */
export async function openRecorder() {
  const requests: Recorded[] = [];
  const faults: string[] = [];
  const answers: string[] = [];
  const pictures: ((response: ServerResponse) => void)[] = [];

  const server = await openHttp(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const url = new URL(request.url ?? "", "http://localhost");
    const query = Object.fromEntries(url.searchParams);
    const found = url.pathname.startsWith("/mp/") ? [] : faultsOf(request, url, bytes);
    faults.push(...found);
    requests.push({
      path: url.pathname,
      query,
      text: bytes.toString("utf8"),
      fields: found.length === 0 ? await fieldsOf(request, bytes) : {},
    });
    if (found.length > 0) return void response.writeHead(400).end();
    if (url.pathname.startsWith("/mp/")) return pictures.shift()?.(response);
    response.writeHead(200, { "content-type": "application/json; encoding=utf-8" });
    response.end(answers.shift() ?? '{"errcode":0,"errmsg":"ok"}');
  });

  let number = 1;
  const token = { get: async () => `token-${number}`, replace: async () => `token-${++number}` };
  const client = openClient({
    account: { apiBase: server.url },
    sendTimeoutMs: 5_000,
    proxy: {},
    clock: systemClock,
    log: createLogger("silent"),
  });
  const site = openDownload({
    account: { mpBase: `${server.url}/mp` },
    timeoutMs: 5_000,
    proxy: {},
    clock: systemClock,
    log: createLogger("silent"),
  });
  const clock = createTestClock();
  const parts = {
    call: client.call,
    token,
    download: site.download,
    clock,
    account: { appid: "wx0123456789abcdef" },
  };

  return {
    parts,
    requests,
    faults,
    pictures,
    connections: server.connections,
    /** What the next requests are answered. */
    answer: (...texts: string[]) => void answers.push(...texts),
    /** The last request; its JSON, if it has one. */
    last() {
      const request = requests.at(-1);
      if (!request) throw new Error("nothing was asked");
      return {
        ...request,
        json: request.text.startsWith("{") ? (JSON.parse(request.text) as unknown) : undefined,
      };
    },
    close: async () => {
      await client.close();
      await site.close();
      await server.close();
    },
  };
}

function faultsOf(request: IncomingMessage, url: URL, body: Buffer): string[] {
  const known = interfaces[url.pathname];
  if (!known) return [`${url.pathname}: no such interface`];
  const type = request.headers["content-type"] ?? "";
  const names = [...url.searchParams.keys()].filter((name) => !known.optional?.includes(name));
  const rules: [boolean, string][] = [
    [names.join() === ["access_token", ...(known.query ?? [])].join(), "the query"],
    [request.method === (known.kind === "get" ? "GET" : "POST"), "the verb"],
    [known.kind !== "get" || body.length === 0, "a GET with a body"],
    [known.kind !== "json" || (type.startsWith("application/json") && isRawJson(body)), "the JSON"],
    [known.kind !== "form" || /^multipart\/form-data; boundary=/.test(type), "the content type"],
    [known.kind === "get" || request.headers["content-length"] === String(body.length), "the length"],
  ];
  return rules.filter(([holds]) => !holds).map(([, what]) => `${url.pathname}: ${what}`);
}

/** One object, in well-formed UTF-8, nothing of it escaped that could be written out. */
function isRawJson(body: Buffer): boolean {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    return text.startsWith("{") && !text.includes("\\u") && typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}

async function fieldsOf(request: IncomingMessage, body: Buffer): Promise<Recorded["fields"]> {
  const type = request.headers["content-type"] ?? "";
  if (!type.startsWith("multipart/")) return {};
  const form = await new Response(body, { headers: { "content-type": type } }).formData();
  const fields = [...form].map(async ([name, value]) => {
    if (typeof value === "string") return [name, value] as const;
    return [
      name,
      { name: value.name, type: value.type, bytes: Buffer.from(await value.arrayBuffer()) },
    ] as const;
  });
  return Object.fromEntries(await Promise.all(fields));
}
