import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const compose = readFileSync("docker-compose.yml", "utf8");
const example = readFileSync(".env.example", "utf8");

test("what docker compose asks to be filled in stands in .env.example", () => {
  const asked = [...compose.matchAll(/\$\{([A-Z_]+):\?/g)].map(([, name]) => name as string);
  expect(asked.length).toBeGreaterThan(3);
  expect(asked.filter((name) => !example.includes(`\n${name}=`))).toEqual([]);
});

test("docker compose holds no secret of its own", () => {
  const set = [...compose.matchAll(/^ +[A-Z_]*(?:KEY|SECRET|PASSWORD|TOKEN)[A-Z_]*: (.+)$/gm)].map(
    ([, value]) => value,
  );
  expect(set.length).toBeGreaterThan(2);
  expect(set.filter((value) => !/^\$\{[A-Z_]+:\?[^}]+\}$/.test(value ?? ""))).toEqual([]);
});
