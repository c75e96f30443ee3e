import { describe, expect, test } from "vitest";
import { Failure } from "../../src/failure.ts";
import type { BodyLimits } from "../../src/http/body.ts";
import { readJson } from "../../src/http/json-body.ts";

function post(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Request {
  const given = { "content-type": "application/json", ...headers };
  return new Request("http://127.0.0.1/", { method: "POST", body, headers: given });
}

async function refusal(request: Request, limits?: BodyLimits): Promise<Failure> {
  const refused = await readJson(request, limits).catch((failure: unknown) => failure);
  if (refused instanceof Failure) return refused;
  throw new Error("it was taken");
}

describe("a JSON body", () => {
  test.each([
    "application/json",
    "application/json; charset=utf-8",
    "application/json;charset=UTF-8",
    'application/json; charset="UTF-8"',
    "application/json; charset=us-ascii",
    "APPLICATION/JSON ; q=1",
  ])("is taken as %s", async (type) => {
    expect(await readJson(post('{"name":"十一月"}', { "content-type": type }))).toEqual({ name: "十一月" });
  });

  test("may be any value, as the caller's schema decides", async () => {
    expect(await readJson(post("null"))).toBeNull();
    expect(await readJson(post(" [1] \n"))).toEqual([1]);
  });

  test.each([
    "",
    "text/plain",
    "application/jsonp",
    "application/problem+json",
    "text/plain; application/json",
    "application/json; charset=gbk",
    'application/json; q=1; CHARSET="utf-16"',
  ])("is refused as %j", async (type) => {
    expect(await refusal(post("{}", { "content-type": type }))).toMatchObject({
      code: "UNSUPPORTED_MEDIA_TYPE",
    });
  });

  test("is refused when it says that it is compressed", async () => {
    const { code } = await refusal(post("{}", { "content-encoding": "gzip" }));
    expect(code).toBe("UNSUPPORTED_MEDIA_TYPE");
    expect(await readJson(post("{}", { "content-encoding": "identity" }))).toEqual({});
  });

  test("is refused when broken, without a word of it", async () => {
    for (const body of ["", '{"openids":["oSecret', "{'a':1}", '{"a":1}{"b":2}']) {
      const failure = await refusal(post(body));
      expect(failure.code).toBe("BAD_REQUEST");
      expect(`${failure.message}${failure.cause ?? ""}`).not.toContain("oSecret");
    }
  });

  test("is refused in another encoding than UTF-8", async () => {
    const gbk = new Uint8Array([0x22, 0xc4, 0xe3, 0xba, 0xc3, 0x22]);
    expect(await refusal(post(gbk))).toMatchObject({ code: "BAD_REQUEST" });
  });

  test("has 20,000 names at most, whatever its texts hold: 16 MB of them would take seconds and a gigabyte", async () => {
    const named = (count: number) =>
      `{${Array.from({ length: count }, (_, at) => `"name ${at}":":\\":"`).join(",")}}`;
    expect(Object.keys((await readJson(post(named(20_000)))) as object)).toHaveLength(20_000);
    expect(await refusal(post(named(20_001)))).toMatchObject({ code: "BAD_REQUEST" });
  });

  test("is refused over the limit, to the byte", async () => {
    expect(await readJson(post('"12345678"'), { limitBytes: 10, withinMs: 1_000 })).toBe("12345678");
    expect(await refusal(post('"123456789"'), { limitBytes: 10, withinMs: 1_000 })).toMatchObject({
      code: "TOO_LARGE",
    });
    expect(await refusal(post(`"${"x".repeat(16 * 1024 * 1024)}"`))).toMatchObject({ code: "TOO_LARGE" });
  });
});
