import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ListFormat } from "../../src/campaign/list.ts";
import { readEntries } from "../../src/campaign/list-entries.ts";

/** The bytes in pieces of that size, as a network would bring them. */
async function* pieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function entriesIn(text: string | Uint8Array, format: ListFormat, size = 65_536): Promise<unknown[]> {
  const entries: unknown[] = [];
  for await (const some of readEntries(pieces(Buffer.from(text), size), format)) entries.push(...some);
  return entries;
}

const [one, two, three] = [
  "oTest-000000000000000000000",
  "oTest_111111111111111111111",
  "oTest222222222222222222222",
];

describe("a plain list", () => {
  test("is one entry a line, without blank lines, whatever ends the lines", async () => {
    expect(await entriesIn(`${one}\n\n  ${two}\r\n\t\r\n${three}`, "text")).toEqual([
      one,
      `  ${two}\r`,
      three,
    ]);
  });

  test("begins behind a byte order mark and a header, in any writing", async () => {
    for (const header of ["openid", "OpenID", "open_id", " OPENID ", "用户openid"])
      expect(await entriesIn(`\uFEFF${header}\r\n${one}\n`, "text")).toEqual([one]);
    expect(await entriesIn(`\n\nopenid\n${one}`, "text")).toEqual([one]);
    expect(await entriesIn(`${one}\nopenid`, "text")).toEqual([one, "openid"]);
    expect(await entriesIn("name\n", "text")).toEqual(["name"]);
  });

  test("that is no UTF-8 has malformed entries, each in its line", async () => {
    const bytes = Buffer.concat([Buffer.from(`${one}\n`), Buffer.from([0xff, 0xc3, 10]), Buffer.from(two)]);
    expect(await entriesIn(bytes, "text")).toEqual([one, "\uFFFD\uFFFD", two]);
  });

  test.each<ListFormat>(["text", "csv", "ndjson"])(
    "of the format %s has no line of more than 64 KiB, however it comes",
    async (format) => {
      const line = (characters: number) => `${"o".repeat(characters)}\n${one}\n`;
      for (const size of [1_000, 65_536, 1_000_000]) {
        expect(await entriesIn(line(65_536), format, size)).toHaveLength(2);
        await expect(entriesIn(line(65_540), format, size)).rejects.toMatchObject({ code: "TOO_LARGE" });
      }
    },
  );

  test("with a line that never ends is refused before it fills the memory", async () => {
    const endless = (async function* () {
      for (;;) yield Buffer.alloc(65_536, "o");
    })();
    const read = async () => {
      for await (const _ of readEntries(endless, "text"));
    };
    await expect(read()).rejects.toMatchObject({ code: "TOO_LARGE" });
  });
});

describe("a CSV list", () => {
  test("is its first column, quoted or not, whatever the others hold", async () => {
    const text = `\uFEFF"OpenID",name\r\n"${one}","Li, ""Lei"""\r\n${two},"two\nlines"\r\n\r\n${three}\r\n,nobody\r\n`;
    expect(await entriesIn(text, "csv")).toEqual([one, two, three, ""]);
  });

  test("may be separated by semicolons or tabs", async () => {
    expect(await entriesIn(`openid;name\n${one};x\n${two};y`, "csv")).toEqual([one, two]);
    expect(await entriesIn(`openid\tname\n${one}\tx\n`, "csv")).toEqual([one]);
  });

  test("with a quote in the midst of a field is read on", async () => {
    expect(await entriesIn(`${one},5" screen\n${two},x\n`, "csv")).toEqual([one, two]);
  });

  test("with a quote that is never closed is refused", async () => {
    await expect(entriesIn(`"${one}\n${two}`, "csv")).rejects.toMatchObject({ code: "BAD_REQUEST" });
    await expect(entriesIn(`"${"o".repeat(200_000)}`, "csv")).rejects.toMatchObject({ code: "TOO_LARGE" });
  });
});

describe("an NDJSON list", () => {
  test("is a string or an object with openid a line", async () => {
    const lines = [
      JSON.stringify(one),
      JSON.stringify({ openid: two, name: "x" }),
      "",
      '{"name":"y"}',
      "17",
      "null",
    ];
    expect(await entriesIn(lines.join("\n"), "ndjson")).toEqual([one, two, { name: "y" }, 17, null]);
  });

  test("counts what is no JSON as an entry that is no OpenID", async () => {
    expect(await entriesIn(`${one}\n{"openid":`, "ndjson")).toEqual([{ line: one }, { line: '{"openid":' }]);
  });
});

test("it makes no difference in what pieces a list comes", async () => {
  const line = fc.oneof(
    fc.stringMatching(/^[A-Za-z0-9_-]{20,30}$/),
    fc.string({ unit: "grapheme" }).map((text) => text.replace(/[\r\n"]/g, "")),
  );
  const format = fc.constantFrom<ListFormat[]>("text", "csv", "ndjson");
  await fc.assert(
    fc.asyncProperty(fc.array(line), format, fc.integer({ min: 1, max: 9 }), async (lines, format, size) => {
      const text = lines.map((one) => (format === "ndjson" ? JSON.stringify(one) : one)).join("\n");
      expect(await entriesIn(text, format, size)).toEqual(await entriesIn(text, format));
    }),
  );
});

test("whatever bytes come, each format reads them or refuses them by its own word", async () => {
  const codes: (string | undefined)[] = [undefined, "BAD_REQUEST", "TOO_LARGE"];
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 500 }),
    fc.string().map((text) => gzipSync(text)),
    fc
      .array(fc.constantFrom('"', ",", "\n", "\r", "{", "}", "[", "\\", "\0", "openid", "字", one))
      .map((all) => Buffer.from(all.join(""))),
  );
  await fc.assert(
    fc.asyncProperty(bytes, fc.constantFrom<ListFormat[]>("text", "csv", "ndjson"), async (given, format) => {
      const code = await entriesIn(given, format).then(
        () => undefined,
        (error: { code?: string }) => error.code ?? "none",
      );
      expect(codes).toContain(code);
    }),
    { numRuns: 500 },
  );
});
