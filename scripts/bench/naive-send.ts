import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

/**
 * What a script would do: reads the list, drops who is in it twice, posts 10,000 at a time, and remembers nothing. It
 * prints how long that took, in milliseconds. Its arguments: the list, and WeChat's address.
 */
const [list = "", base = ""] = process.argv.slice(2);
const startedAt = performance.now();
const people = new Set<string>();
for await (const line of createInterface({ input: createReadStream(list) })) people.add(line);
const all = [...people];
for (let from = 0; from < all.length; from += 10_000) {
  const touser = all.slice(from, from + 10_000);
  const body = JSON.stringify({ touser, msgtype: "text", text: { content: "bench" } });
  const answer = await fetch(`${base}/cgi-bin/message/mass/send?access_token=bench`, {
    method: "POST",
    body,
  });
  const { errcode } = (await answer.json()) as { errcode: number };
  if (errcode !== 0) throw new Error(`WeChat answered ${errcode}`);
}
process.stdout.write(String(performance.now() - startedAt));
