// Takes the reports that qunfa POSTs to a campaign's notifyUrl, and prints each of them once:
//   PORT=4000 QUNFA_WEBHOOK_SECRET=whsec_… node examples/receive-report.mjs
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";

const { PORT, QUNFA_WEBHOOK_SECRET: secret } = process.env;
if (!PORT || !secret?.startsWith("whsec_")) {
  console.error("usage: PORT=… QUNFA_WEBHOOK_SECRET=whsec_… node examples/receive-report.mjs");
  process.exit(64);
}
const webhook = new Webhook(secret);

// In a database of yours: it has to outlive this process.
const newest = new Map();

const server = createServer(async (request, response) => {
  /** @type {any} */
  let message;
  try {
    const headers = /** @type {Record<string, string>} */ (request.headers);
    message = webhook.verify(await text(request), headers);
  } catch {
    response.writeHead(401).end();
    return;
  }
  const { type, data } = message;
  // The same message may come twice, and a correction before what it corrects.
  if (data.revision > (newest.get(data.campaignId) ?? 0)) {
    newest.set(data.campaignId, data.revision);
    console.log(JSON.stringify({ type, ...data }));
  }
  response.writeHead(204).end();
});
server.listen(Number(PORT), "127.0.0.1", () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  console.log(JSON.stringify({ listening: port }));
});
process.on("SIGTERM", () => server.close());
