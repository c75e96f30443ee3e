import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { runCommandLine } from "../../src/cli/program.ts";
import { openRig } from "./rig.ts";

const not = async (): Promise<never> => {
  throw new Error("it was opened");
};

/** Runs `qunfa sandbox …` in this process; one that is started must not get so far. */
async function qunfa(...args: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const code = await runCommandLine(["sandbox", ...args], {
    ...{ env: {}, stdin: Readable.from([]), stdout, stderr },
    ...{ open: not, openDoctor: not, openSandbox: not },
  });
  stdout.end();
  stderr.end();
  return { code, stdout: await text(stdout), stderr: await text(stderr) };
}

describe("what a command would not heed is refused, and nothing is changed", () => {
  it.each<[string, string[], string]>([
    ["a fault beside --clear", ["answer-lost", "--clear"], "BAD_REQUEST: --clear calls all of them off"],
    ["an option beside --clear", ["--clear", "--account", "demo"], "BAD_REQUEST: --clear calls all"],
    ["an option without a fault", ["--times", "3"], "BAD_REQUEST: Say which fault"],
    ["no address", ["answer-lost", "--url", "foo"], "BAD_REQUEST: option '--url <url>' argument 'foo'"],
    ["an unknown fault", ["nonsense"], "INVALID_PARAMETER: fault: there is no such fault\n"],
    ["an unknown call", ["reset", "--api", "x"], "INVALID_PARAMETER: --api: there is no such call\n"],
    [
      "what it can't pass",
      ["reset", "--skip", "-1", "--times", "0"],
      "INVALID_PARAMETER: --times: expected a whole number of 1 or more; --skip: expected a whole number of 0 or more\n",
    ],
    [
      "too long",
      ["delay", "--ms", "86400001"],
      "INVALID_PARAMETER: --ms: expected a whole number from 0 to 86400000\n",
    ],
    [
      "another fault's numbers",
      ["answer-lost", "--errcode", "5", "--copies", "3"],
      'INVALID_PARAMETER: --errcode: not for the fault "answer-lost"; --copies: not for the fault "answer-lost"\n',
    ],
    [
      "what a fault does anyway",
      ["delay", "--ms", "5", "--accepted"],
      "INVALID_PARAMETER: --accepted: not for",
    ],
    ["a fault without its number", ["err"], 'INVALID_PARAMETER: --err: needed by the fault "err"\n'],
  ])("%s", async (_what, args, message) => {
    const { sandbox, post, ask } = await openRig();
    await post("/sandbox/faults", { fault: "reset" });
    const url = args.includes("--url") ? [] : ["--url", sandbox.url];
    const { code, stdout, stderr } = await qunfa("fault", ...args, ...url);
    expect({ code, stdout }).toEqual({ code: 64, stdout: "" });
    expect(stderr.startsWith(message), stderr).toBe(true);
    expect((await ask("/sandbox/faults")).faults).toHaveLength(1);
  });

  it("a fault for an account that the sandbox does not have", async () => {
    const { sandbox, ask } = await openRig();
    const args = ["fault", "err", "--err", "20001", "--account", "nope", "--url", sandbox.url];
    expect(await qunfa(...args)).toEqual({
      code: 66,
      stdout: "",
      stderr: "NOT_FOUND: The sandbox has no such account.\n",
    });
    expect((await ask("/sandbox/faults")).faults).toEqual([]);
    expect(await qunfa("books", "nope", "--url", sandbox.url)).toMatchObject({ code: 66 });
  });

  it.each([
    ["--port", "-1", "expected 0 to 65535"],
    ["--port", "many", "expected 0 to 65535"],
    ["--followers", "-1", "expected 0 to 1000000"],
    ["--callback-base", "nowhere", "expected an http or https address"],
  ])("start %s %s", async (option, value, expected) => {
    const { code, stderr } = await qunfa("start", option, value);
    expect({ code, stderr }).toEqual({
      code: 64,
      stderr: expect.stringMatching(new RegExp(`^BAD_REQUEST: option '${option} .* ${expected}\n$`)),
    });
  });
});

describe("what is no sandbox is told as that", () => {
  it.each([
    ["says that there is no such page", 404, '{"code":"NOT_FOUND"}'],
    ["answers a page", 200, "<html>"],
    ["answers JSON of its own", 200, "[]"],
    ["has errors of its own", 422, '{"errors":"all"}'],
  ])("and %s", async (_what, status, body) => {
    const server = createServer((_, response) => response.writeHead(status).end(body)).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const is = status === 422 ? "HTTP 422" : "what answers is no sandbox";
    for (const args of [["fault", "reset"], ["fault"], ["books"], ["books", "demo"]])
      expect(await qunfa(...args, "--url", url)).toEqual({
        code: 69,
        stdout: "",
        stderr: `FETCH_FAILED: No sandbox answers at ${url}: ${is}.\n`,
      });
  });
});
