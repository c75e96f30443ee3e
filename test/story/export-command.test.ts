import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CampaignCli, openCampaignCli } from "./campaign-cli.ts";
import { people } from "./rig.ts";

let cli: CampaignCli;
beforeAll(async () => {
  cli = await openCampaignCli(["export", "none"]);
});
afterAll(() => cli.close());

describe("campaign export", () => {
  test("tells what became of everybody, as CSV or NDJSON, into a file of its owner's", async () => {
    const list = cli.fileOf("export.csv", [
      ...people(10_500),
      "=cmd",
      '"a ""quoted"" one"',
      people(1)[0] ?? "",
    ]);
    const send = ["campaign", "send", cli.campaignFile("export", "export"), "--audience", list];
    await cli.answerTo(...send, "--id", "export", "--yes");
    expect((await cli.qunfa(["campaign", "watch", "export"])).code).toBe(0);

    const file = join(cli.folder, "out.csv");
    writeFileSync(file, "old", { mode: 0o644 });
    const done = await cli.answerTo("campaign", "export", "export", "--out", file);
    expect(done).toEqual({ id: "export", file, people: 10_502 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const [header, ...lines] = readFileSync(file, "utf8").trimEnd().split("\n");
    expect(header).toBe("openid,outcome,batch,state,msg_id");
    const msgIds = (await cli.rig.batches("export")).map(({ msgId }) => msgId);
    const admitted = lines.filter((line) => line.includes(",admitted,")).map((line) => line.split(","));
    expect(admitted.map(([openid]) => openid).sort()).toEqual(people(10_500));
    for (const [, , batch, state, msgId] of admitted)
      expect([state, msgId]).toEqual(["succeeded", msgIds[Number(batch) - 1]]);
    expect(admitted.filter(([, , batch]) => batch === "2")).toHaveLength(500);
    expect(lines.slice(-2)).toEqual([`"'=cmd",invalid,,,`, '"a ""quoted"" one",invalid,,,']);

    const invalid = ["campaign", "export", "export", "--outcome", "invalid", "--format", "ndjson"];
    const { stdout } = await cli.qunfa(invalid);
    expect(stdout.split("\n")[0]).toBe(
      JSON.stringify({ openid: "=cmd", outcome: "invalid", batch: null, state: null, msgId: null }),
    );
    for (const [openid = ""] of [admitted[0] ?? [], admitted.at(-1) ?? []])
      expect(String((await cli.rig.fateOf("export", openid)).batch)).toBe(
        admitted.find(([one]) => one === openid)?.[2],
      );
    expect((await cli.qunfa(["campaign", "export", "export", "--out", cli.folder])).code).toBe(64);
  });

  test("into a reader that has had enough ends quietly", async () => {
    const { child, ended } = cli.start(["campaign", "export", "export"]);
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.stdout.once("data", () => child.stdout.destroy());
    await ended;
    expect({ code: child.exitCode, stderr }).toEqual({ code: 0, stderr: "" });
  });

  test("of one without a plan tells its list, and of a segment that only WeChat knows", async () => {
    const list = cli.fileOf("few.txt", people(3));
    const later = ["--at", "2036-12-01T09:00", "--yes"];
    const file = cli.campaignFile("later", "none");
    await cli.answerTo("campaign", "send", file, "--audience", list, "--id", "later", ...later);
    const { stdout } = await cli.qunfa(["campaign", "export", "later"]);
    expect(stdout.trimEnd().split("\n").slice(1).sort()).toEqual(
      people(3).map((one) => `${one},admitted,,,`),
    );
    const all = ["campaign", "send", "--account", "none", "--text", "x", "--all", "--id", "everybody"];
    await cli.answerTo(...all, ...later);
    const refused = await cli.qunfa(["campaign", "export", "everybody"]);
    expect(refused).toMatchObject({
      code: 66,
      stderr: expect.stringMatching(/^NOT_FOUND: WeChat itself finds/),
    });
  });
});
