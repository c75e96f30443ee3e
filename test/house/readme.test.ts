import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";

const documents = [
  "README.md",
  "README.zh-CN.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...readdirSync("docs").map((file) => `docs/${file}`),
];
const links = documents.flatMap((file) =>
  [...readFileSync(file, "utf8").matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
    .map(([, target = ""]) => ({ file, target }))
    .filter(({ target }) => !target.startsWith("http")),
);
const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const scripts = manifest.scripts as Record<string, string>;

describe("the documents", () => {
  test("link only to files that exist", () => {
    expect(links.length).toBeGreaterThan(30);
    expect(links.filter(({ file, target }) => !existsSync(join(dirname(file), target)))).toEqual([]);
  });

  test("of the package have with them what the READMEs link to", () => {
    // npm adds these by itself.
    const packed = [...(manifest.files as string[]), "README.md", "README.zh-CN.md", "LICENSE"];
    const named = links.filter(({ file }) => file.startsWith("README"));
    expect(named.length).toBeGreaterThan(30);
    const isPacked = (target: string) => packed.some((one) => target === one || target.startsWith(`${one}/`));
    expect(named.filter(({ target }) => !isPacked(target))).toEqual([]);
  });

  test.each(["README.md", "README.zh-CN.md"])("%s has 150 lines at most", (file) => {
    expect(readFileSync(file, "utf8").split("\n").length).toBeLessThanOrEqual(150);
  });

  test("name only npm scripts that exist", () => {
    const named = documents.flatMap((file) => [
      ...readFileSync(file, "utf8").matchAll(
        /npm (?:run )?(demo|test|start|check|build|setup|bench|mutants|format|dev)\b/g,
      ),
    ]);
    expect(named.length).toBeGreaterThan(10);
    expect(named.map(([, script = ""]) => script).filter((script) => !(script in scripts))).toEqual([]);
  });

  test("say the same in both READMEs: the same commands and the same targets of links", () => {
    const of = (file: string) => ({
      code: [...readFileSync(file, "utf8").matchAll(/^(?:npm|node) [\w/. -]*/gm)].map(([line]) =>
        line.trim(),
      ),
      links: links
        .filter((link) => link.file === file && !link.target.startsWith("README"))
        .map(({ target }) => target),
    });
    const [english, chinese] = [of("README.md"), of("README.zh-CN.md")];
    expect(english.code.length).toBeGreaterThan(1);
    expect(chinese).toEqual(english);
  });
});
