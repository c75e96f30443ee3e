import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { projectRoot } from "../../scripts/project-root.mjs";

/** Another project, in which qunfa is installed. */
const folder = mkdtempSync(join(tmpdir(), "qunfa-consumer-"));
mkdirSync(join(folder, "node_modules"));
symlinkSync(projectRoot, join(folder, "node_modules/qunfa"));
writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const start = `import { type CampaignInput, createProducer } from "qunfa/producer";
const producer = createProducer({ redisUrl: "redis://127.0.0.1:6379" });
`;

/** What the compiler says of a program of that project. */
function typesOf(name: string, code: string): string {
  const file = fileOf(name, start + code);
  const tsc = join(projectRoot, "node_modules/typescript/bin/tsc");
  const flags = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2023"];
  const { stdout } = spawnSync(process.execPath, [tsc, ...flags, file], { cwd: folder, encoding: "utf8" });
  return stdout;
}

test("another project imports it by its name, and what it does not offer can't be had", () => {
  const run = (code: string) =>
    spawnSync(process.execPath, [fileOf("run.mjs", code)], { cwd: folder, encoding: "utf8" });
  const made = run(`
    import { createProducer } from "qunfa/producer";
    const producer = createProducer({ redisUrl: "redis://127.0.0.1:1" });
    await producer.send({}).catch(({ code }) => console.log(code));
    await producer.close();
  `);
  expect(made).toMatchObject({ status: 0, stdout: "BAD_CAMPAIGN\n", stderr: "" });
  expect(run('import "qunfa/dist/src/failure.js"').stderr).toContain("ERR_PACKAGE_PATH_NOT_EXPORTED");
});

test("its types take a campaign, name a wrong field, and give the report's", () => {
  const right = `
    const campaign: CampaignInput = {
      account: "acme",
      message: { msgtype: "text", text: { content: "x" } },
      audience: { type: "openids", openids: ["o"] },
      schedule: { startAt: "2026-12-01T09:00:00+08:00" },
    };
    const { id } = await producer.send(campaign, { id: "offer" });
    const audienceId: string = await producer.uploadAudience(["o"], { name: "x" });
    const { state, recipients } = await producer.waitForReport(id, { timeoutMs: 1_000 });
    const sent: number = recipients.sent;
    const ended: "completed" | "partly_completed" | "failed" | "canceled" = state;
    export { audienceId, ended, sent };
  `;
  expect(typesOf("right.ts", right)).toBe("");
  const of = (more: string) => `await producer.send({ account: "acme", ${more} });`;
  const message = 'message: { msgtype: "text", text: { content: "x" } }';
  expect(typesOf("type.ts", of(`${message}, audience: { type: "everybody" }`))).toMatch(/TS2322.*everybody/);
  expect(typesOf("name.ts", of(`${message}, audience: { type: "all" }, schedul: {}`))).toMatch(/schedul/);
  expect(typesOf("message.ts", of('message: { msgtype: "text" }, audience: { type: "all" }'))).toMatch(
    /text/,
  );
});

test("its tarball holds the producer with its types and scripts, and no test or secret", () => {
  const packed = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: projectRoot,
    encoding: "utf8",
  });
  const [{ files = [] } = {}] = JSON.parse(packed) as { files: { path: string }[] }[];
  const paths = files.map(({ path }) => path);
  for (const path of [
    "producer/producer.js",
    "producer/producer.d.ts",
    "store/lua/finish-list.lua",
    "cli/main.js",
  ])
    expect(paths).toContain(`dist/src/${path}`);
  for (const path of ["CHANGELOG.md", "CONTRIBUTING.md", ".env.example"]) expect(paths).toContain(path);
  // `.env.example` names the variables, and holds none of anybody's.
  expect(paths.filter((path) => /^(test|src|scripts|\.env(?!\.example$)|\.data)/.test(path))).toEqual([]);
});
