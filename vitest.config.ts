import { defineConfig } from "vitest/config";

const second = 1_000;

/** Each folder of test/ is a project: `npx vitest run --project unit`. */
const folders = {
  unit: 30 * second,
  store: 60 * second,
  wechat: 60 * second,
  fetch: 60 * second,
  http: 60 * second,
  house: 60 * second,
  sandbox: 60 * second,
  model: 120 * second,
  story: 120 * second,
};

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    globalSetup: "./test/support/one-redis.ts",
    coverage: { include: ["src/**/*.ts", "workers/**/*.ts"] },
    projects: Object.entries(folders).map(([name, testTimeout]) => ({
      test: {
        name,
        include: [`test/${name}/**/*.test.ts`],
        setupFiles: "./test/support/nothing-left-open.ts",
        testTimeout,
        hookTimeout: testTimeout,
      },
    })),
  },
});
