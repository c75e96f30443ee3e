// Sends one campaign to a list of any length by the producer package, and waits for its report. Run again under the
// same id it sends nothing, and tells the same report:
//   REDIS_URL=redis://127.0.0.1:6379 node examples/send.mjs november-offer openids.txt
import { createReadStream, existsSync } from "node:fs";
import { createProducer } from "qunfa/producer";

const [id, file] = process.argv.slice(2);
const redisUrl = process.env.REDIS_URL;
if (!id || !file || !redisUrl) {
  console.error(
    "usage: REDIS_URL=redis://… node examples/send.mjs <campaign id> <file with an OpenID a line>",
  );
  process.exit(64);
}
if (!existsSync(file)) {
  console.error(`${file}: there is no such file`);
  process.exit(66);
}

const producer = createProducer({ redisUrl });
try {
  // Looked for first: every upload is a list of its own, and with another list it would be another campaign.
  let report = await producer.waitForReport(id).catch((error) => {
    if (error.code !== "NOT_FOUND") throw error;
  });
  if (!report) {
    const audienceId = await producer.uploadAudience(createReadStream(file), { name: id });
    await producer.send(
      {
        account: "demo",
        message: { msgtype: "text", text: { content: "您好" } },
        audience: { type: "list", audienceId },
      },
      { id },
    );
    report = await producer.waitForReport(id);
  }
  console.log(JSON.stringify(report, undefined, 2));
} catch (error) {
  // Expected trouble has a code (docs/failures.md); everything else is a bug.
  if (!(error instanceof Error && "code" in error)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = error.code === "REDIS_AWAY" ? 69 : 65;
} finally {
  await producer.close();
}
