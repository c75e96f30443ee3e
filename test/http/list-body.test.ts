import { describe, expect, test } from "vitest";
import { Failure } from "../../src/failure.ts";
import { openListBody } from "../../src/http/list-body.ts";

function open(type: string) {
  const headers = { "content-type": type };
  return openListBody(new Request("http://127.0.0.1/", { method: "POST", body: "o1\n", headers }));
}

describe("a list", () => {
  test.each([
    ["text/plain", "text"],
    ["text/csv; charset=utf-8; header=present", "csv"],
    // As Excel in China saves it: an OpenID is the same bytes.
    ["TEXT/CSV;charset=GBK", "csv"],
    ["application/x-ndjson", "ndjson"],
  ])("of type %s is taken as %s", (type, format) => {
    expect(open(type).format).toBe(format);
  });

  test.each(["", "application/json", "text/plain; charset=utf-16", 'text/csv; charset="UTF-32LE"'])(
    "of type %j is refused",
    (type) => {
      expect(() => open(type)).toThrow(Failure);
      expect(() => open(type)).toThrow(/^Send the list/);
    },
  );
});
