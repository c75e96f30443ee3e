import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";
import type { Report } from "./rig.ts";

export const secret = `whsec_${Buffer.from("what only the two of us know").toString("base64")}`;

type Message = {
  readonly type: string;
  readonly timestamp: string;
  readonly data: Report & {
    readonly campaignId: string;
    readonly revision: number;
    readonly metadata: Record<string, string>;
  };
};
export type Received = Message & { readonly id: string; readonly path: string; readonly at: number };
type Answer = (response: ServerResponse) => unknown;

/** A service that is told of campaigns: what is not well signed it answers with 401, else as its path is told to. */
export async function openReceiver() {
  const received: Received[] = [];
  const refused: string[] = [];
  const answers = new Map<string, Answer[]>();
  const webhook = new Webhook(secret);

  const server = createServer(async (request, response) => {
    const path = request.url ?? "";
    const body = await text(request);
    try {
      const message = webhook.verify(body, request.headers as Record<string, string>) as Message;
      received.push({ ...message, id: String(request.headers["webhook-id"]), path, at: Date.now() });
    } catch (error) {
      refused.push(String(error));
      response.writeHead(401).end();
      return;
    }
    const answer = answers.get(path)?.shift();
    if (answer) answer(response);
    else response.writeHead(204).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    host,
    port: host.slice("127.0.0.1:".length),
    url: (path: string) => `http://${host}${path}`,
    refused,
    /** What the next messages to a path are answered. */
    answer: (path: string, ...more: Answer[]) => void answers.set(path, more),
    /** The messages to a path, oldest first. */
    got: (path: string) => received.filter((one) => one.path === path),
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

export type Receiver = Awaited<ReturnType<typeof openReceiver>>;
