import { readdirSync, readFileSync } from "node:fs";
import { join, parse } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask } from "../http/door.ts";
import { openRig, type Rig } from "./rig.ts";

/** Lists of strangers, by what they have that is no OpenID: how many entries are read, and how many are none. */
const corpus: Record<string, readonly [received: number, invalid: number]> = {
  "array.ndjson": [2, 1],
  "broken-utf-8.text": [5, 3],
  "control-characters.text": [4, 3],
  "deep.ndjson": [2, 1],
  "escapes.ndjson": [4, 2],
  "formula.csv": [4, 3],
  "homoglyphs.text": [2, 1],
  "lua-and-redis.text": [5, 3],
  "many-commas.csv": [2, 0],
  "many-values.ndjson": [3, 2],
  "mixed-ends.csv": [2, 0],
  "no-first-column.csv": [3, 2],
  "nul-bytes.text": [4, 3],
  "only-cr.text": [1, 1],
  "openid-of-all-kinds.ndjson": [5, 4],
  "proto.ndjson": [3, 2],
  "quotes-everywhere.csv": [3, 2],
  "right-to-left.text": [3, 2],
  "script.text": [5, 4],
  "spaces-of-all-kinds.text": [3, 1],
  "utf-16.text": [3, 3],
};

const folder = "test/fixtures/hostile/lists";
const types: Record<string, string> = {
  ".text": "text/plain",
  ".csv": "text/csv",
  ".ndjson": "application/x-ndjson",
};

let rig: Rig;
beforeAll(async () => {
  rig = await openRig({ accounts: { acme: {} } });
});
afterAll(() => rig.close());

test("the corpus and what is expected of it name the same lists", () => {
  expect(readdirSync(folder).sort()).toEqual(Object.keys(corpus).sort());
});

test("whatever a list holds, its entries are counted, and who can be sent to is sent to", async () => {
  for (const [file, [received, invalid]] of Object.entries(corpus)) {
    const { ext, name } = parse(file);
    const body = readFileSync(join(folder, file));
    const headers = { "content-type": types[ext] ?? "" };
    const answer = await ask(rig.url, "/v1/audiences", { method: "POST", body, headers });
    expect({ file, ...(answer.json() as object) }).toMatchObject({ file, received, invalid });
    const { audienceId } = answer.json() as { audienceId: string };
    const id = `of-${name}`;
    const job = await rig.add(id, "acme", [], { audience: { type: "list", audienceId } });
    expect((await rig.report(job)).audience, file).toMatchObject({ received, invalid });
  }
  rig.expectClean();
}, 60_000);
