import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Action } from "../../src/wechat/errcode-entry.ts";
import { errcodeOf, errcodes } from "../../src/wechat/errcodes.ts";

/** Action by action, the codes that the send and token pages name (WECHAT.md sections 1.3, 2.2, 2.3, 4). */
const expected: Partial<Record<Action, readonly number[]>> = {
  ok: [0],
  token: [40001, 40014, 42001],
  already: [45065],
  doubt: [-1, 45066, 45102, 61450, 268487001, 268487002, 268488001, 9500001, 9500002],
  day: [45009, 45028],
  month: [45040],
  minute: [45011, 42010],
  admin: [89504, 89505],
  account: [
    40002, 40013, 40125, 40164, 40243, 41002, 41004, 48001, 48003, 48004, 50001, 50002, 50004, 50007, 61003,
    61004, 61005, 61006, 61007, 89501, 89503, 89506, 89507,
  ],
  content: [45062, 45064, 48008, 48021, 53404, 53503, 53504, 53505],
  recipients: [40003, 40031, 49003],
  message: [40007, 40008, 40215, 41040, 45002, 45113, 45162, 48022],
  refused: [40032, 40130, 40152, 41001, 43002, 44002, 45067, 47001],
};

/** The actions that a class of WECHAT.md section 4 allows. */
const byClass: Readonly<Record<string, readonly Action[]>> = {
  RL: ["doubt", "minute", "admin"],
  RT: ["token"],
  P: ["message", "recipients", "refused"],
  OP: ["account", "content"],
  QD: ["day"],
  QM: ["month"],
  AS: ["already"],
};

/** The rows of WECHAT.md section 4: the codes of each, and its classes. */
function rowsOfWechat() {
  const section = readFileSync("docs/WECHAT.md", "utf8")
    .split(/^## /m)
    .find((part) => part.startsWith("4. "));
  const rows = [...(section ?? "").matchAll(/^\| ([−\d][^|]*) \|.*\| ([^|]*) \|$/gm)];
  return rows.flatMap(([, first = "", last = ""]) => {
    const codes = [...first.matchAll(/(−1|0|\d{5,})(?:–(\d+))?(?!\w)/g)].flatMap(([, from = "", to]) => {
      const start = Number(from.replace("−", "-"));
      return Array.from({ length: to ? Number(to) - start + 1 : 1 }, (_, n) => start + n);
    });
    return [{ codes, classes: [...new Set(last.match(/\b(?:RL|RT|P|OP|QD|QM|AS)\b/g))] }];
  });
}

describe("the table of errcodes", () => {
  it("has every code of WECHAT.md section 4, asking for what its class allows", () => {
    const rows = rowsOfWechat();
    expect(rows.flatMap(({ codes }) => codes).length).toBeGreaterThan(220);
    for (const { codes, classes } of rows) {
      const allowed = classes.flatMap((name) => byClass[name] ?? []);
      for (const code of codes) {
        const { action } = errcodeOf(code);
        expect([code, action]).not.toEqual([code, "unlisted"]);
        if (classes.length > 0) expect([code, allowed]).toEqual([code, expect.arrayContaining([action])]);
      }
    }
  });

  it.each(Object.entries(expected))("answers %s for its codes", (action, codes) => {
    for (const code of codes) expect([code, errcodeOf(code).action]).toEqual([code, action]);
  });

  it("names no account or content trouble beyond the promised codes of a send", () => {
    const named = new Set([...(expected.account ?? []), ...(expected.content ?? []), 53500]);
    const waiting = Object.keys(errcodes)
      .map(Number)
      .filter((code) => {
        return ["account", "content"].includes(errcodeOf(code).action);
      });
    expect(waiting.filter((code) => !named.has(code))).toEqual([]);
  });

  it("tells a person what to do wherever a person must act", () => {
    for (const [code, { action, remedy }] of Object.entries(errcodes)) {
      if (action === "account" || action === "content")
        expect([code, remedy]).toEqual([code, expect.any(String)]);
    }
  });

  it("has a meaning of one line for every code", () => {
    expect(Object.keys(errcodes).length).toBeGreaterThan(200);
    for (const { meaning } of Object.values(errcodes)) expect(meaning).toMatch(/^.{4,90}$/);
  });

  it("calls a code that nobody has listed unlisted", () => {
    expect(errcodeOf(99999)).toMatchObject({ action: "unlisted" });
    expect(errcodeOf(Number.NaN)).toMatchObject({ action: "unlisted" });
  });
});
