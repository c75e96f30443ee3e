import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { findPromtool } from "../../scripts/promtool.mjs";

const promtool = findPromtool() ?? "";
const folder = "examples/prometheus";

/** The text of each rule, without comments. */
const rules = readFileSync(`${folder}/alerts.yml`, "utf8")
  .replace(/^ *#.*$/gm, "")
  .split(/^ +- alert: /m)
  .slice(1)
  .map((text) => ({ name: /^\w+/.exec(text)?.[0] ?? "", text }));
const guide = readFileSync("docs/operating.md", "utf8").split(/^## Alerts$/m)[1] ?? "";

describe("every alert", () => {
  test("has its section in docs/operating.md, which says what to do, and no section is left over", () => {
    const sections = guide.split(/^### /m).slice(1);
    expect(sections.map((section) => section.split("\n")[0])).toEqual(rules.map(({ name }) => name));
    expect(sections.filter((section) => !section.includes("*Do:*"))).toEqual([]);
  });

  test.each(rules)("$name has a severity, a summary, a description and a link to its section", (rule) => {
    expect(rule.text).toMatch(/^ +labels: \{ severity: (critical|warning|info) \}$/m);
    for (const annotation of ["summary", "description"])
      expect(rule.text).toMatch(new RegExp(`^ +${annotation}: ".{20,}"$`, "m"));
    expect(rule.text).toContain(`runbook_url: docs/operating.md#${rule.name.toLowerCase()}\n`);
  });
});

/** `npm test` fetches promtool where there is an apt that may; elsewhere the rules are held to the metrics alone. */
describe.skipIf(promtool === "")("promtool, which is fetched by apt and missing where there is none,", () => {
  test.each([
    ["takes the rules", ["check", "rules", "alerts.yml"]],
    [
      "finds that each alert fires when it should, and none when nothing is wrong",
      ["test", "rules", "alerts.test.yml"],
    ],
    ["takes the example of what to scrape", ["check", "config", "--syntax-only", "prometheus.yml"]],
  ])("%s", (_, args) => {
    const { status, stdout, stderr } = spawnSync(promtool, args, { cwd: folder, encoding: "utf8" });
    expect({ status, output: status === 0 ? "" : stdout + stderr }).toEqual({ status: 0, output: "" });
  });

  test("is asked for every alert", () => {
    const tests = readFileSync(`${folder}/alerts.test.yml`, "utf8");
    expect(rules.filter(({ name }) => !tests.includes(`"${name}"`))).toEqual([]);
  });
});
