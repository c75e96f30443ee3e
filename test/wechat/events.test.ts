import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isMassResult, type MassResult, readEvent } from "../../src/wechat/events.ts";
import { readStatus, refusalOf } from "../../src/wechat/mass-status.ts";
import { createXmlReader } from "../../src/wechat/xml.ts";

const folder = new URL("../fixtures/callbacks/", import.meta.url);
const push = (name: string) => readFileSync(new URL(`${name}.xml`, folder), "utf8");
const readXml = createXmlReader();
const read = (xml: string) => readEvent(readXml(xml));
const bad = expect.objectContaining({ code: "BAD_CALLBACK" });

/** A result with some of its nodes changed; null takes one out, a list repeats it. */
function resultWith(changes: Record<string, string | null | readonly string[]>): string {
  const nodes = {
    FromUserName: "oTESTxxxxxxxxxxxxxxxxxxxxxxx",
    CreateTime: "1700000000",
    MsgType: "event",
    Event: "MASSSENDJOBFINISH",
    MsgID: "3147494441",
    Status: "send success",
    TotalCount: "4",
    FilterCount: "3",
    SentCount: "2",
    ErrorCount: "1",
    ...changes,
  };
  const xml = Object.entries(nodes).flatMap(([name, values]) =>
    values === null ? [] : [values].flat().map((value) => `<${name}>${value}</${name}>`),
  );
  return `<xml>${xml.join("")}</xml>`;
}

describe("the pushes that were really seen (WECHAT.md section 6.3)", () => {
  it.each([
    ["2014-sendsuccess-1988", "success", [100, 80, 75, 5]],
    ["2016-originality-1000001625", { err: 30003 }, [0, 0, 0, 0]],
    ["2017-padded-1000000001", "success", [1, 1, 1, 0]],
    ["2017-check-state-1000000046", "success", [19, 19, 19, 0]],
    ["2020-nobody-sent-3147483661", "success", [8, 0, 0, 0]],
    ["2022-article-1000000003", "success", [4, 4, 4, 0]],
    ["2024-err-20431-3147487831", { err: 20431 }, [0, 0, 0, 0]],
    ["2025-blank-results-1000000338", "success", [296, 295, 295, 0]],
  ] as const)("%s is read", (name, status, [total, filter, sent, error]) => {
    expect(read(push(name))).toMatchObject({
      kind: "mass-result",
      msgId: name.split("-").at(-1),
      status,
      counts: { total, filter, sent, error },
      createdAt: expect.any(Number),
    });
  });

  it("are all in this table", () => {
    expect(readdirSync(folder).filter((name) => name.endsWith(".xml"))).toHaveLength(8);
  });

  it("bring the addresses of their articles, however many", () => {
    expect(read(push("2022-article-1000000003"))).toMatchObject({
      articleUrls: [{ index: 1, url: "http://mp.weixin.qq.com/s?__biz=TEST==&mid=2247483700&idx=1&sn=0123" }],
    });
    expect(read(push("2014-sendsuccess-1988"))).toMatchObject({ articleUrls: [] });
    expect(read(push("2025-blank-results-1000000338"))).toMatchObject({ articleUrls: [] });
    const item = (n: number) => `<item><ArticleIdx>${n}</ArticleIdx><ArticleUrl>u${n}</ArticleUrl></item>`;
    const two = resultWith({ ArticleUrlResult: `<ResultList>${item(1)}${item(2)}</ResultList>` });
    expect(read(two)).toMatchObject({
      articleUrls: [
        { index: 1, url: "u1" },
        { index: 2, url: "u2" },
      ],
    });
  });

  it("bring what the originality check found", () => {
    const reprint = (index: number) => ({
      ...{ index, declared: 0, audit: 2, originalUrl: `http://mp.weixin.qq.com/s/original-${index}` },
      ...{ originalType: 1, canReprint: true, needReplaceContent: true, needShowReprintSource: true },
    });
    expect(read(push("2016-originality-1000001625"))).toMatchObject({
      originality: { checkState: 2, articles: [reprint(1), reprint(2)] },
    });
    expect(read(push("2017-check-state-1000000046"))).toMatchObject({
      originality: { checkState: 1, articles: [] },
    });
    for (const name of ["2014-sendsuccess-1988", "2025-blank-results-1000000338"])
      expect(read(push(name))).not.toHaveProperty("originality");
  });

  it("bring of the check as much as they tell, and no more than a message has articles", () => {
    const item = (nodes: string) => `<item>${nodes}</item>`;
    const of = (nodes: string) => resultWith({ CopyrightCheckResult: nodes });
    const one = of(`<ResultList>${item("<CanReprint>0</CanReprint><Other>1</Other>")}</ResultList>`);
    expect(read(one)).toMatchObject({ originality: { articles: [{ canReprint: false }] } });
    const odd = of(`<CheckState>none</CheckState><ResultList>${item("")}${item("<A>1</A>")}</ResultList>`);
    expect(read(odd)).not.toHaveProperty("originality");
    const many = Array.from({ length: 9 }, (_, n) => item(`<ArticleIdx>${n + 1}</ArticleIdx>`)).join("");
    const { originality } = read(of(`<ResultList>${many}</ResultList>`)) as MassResult;
    expect(originality?.articles.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

describe("a result", () => {
  it("keeps a msg_id beyond 2^53 exact, under either spelling of its node", () => {
    for (const name of ["MsgID", "MsgId"]) {
      const xml = resultWith({ MsgID: null, [name]: "90261533849829378" });
      expect(read(xml)).toMatchObject({ kind: "mass-result", msgId: "90261533849829378" });
    }
  });

  it.each([null, "", "0", "-5", "12a", "1".repeat(21)])("is malformed with the MsgID %j", (MsgID) => {
    expect(() => read(resultWith({ MsgID }))).toThrow(bad);
  });

  it("counts the first of repeated nodes", () => {
    const xml = resultWith({ Status: ["send fail", "send success"], MsgID: ["7", "7"] });
    expect(read(xml)).toMatchObject({ msgId: "7", status: "fail" });
  });

  it("has no counts when one of them is missing or no number", () => {
    for (const changes of [
      { SentCount: null },
      { SentCount: "" },
      { TotalCount: "many" },
      { ErrorCount: "-1" },
    ]) {
      expect(read(resultWith(changes))).not.toHaveProperty("counts");
    }
  });

  it("needs no time and no sender", () => {
    const event = read(resultWith({ CreateTime: null, FromUserName: null }));
    expect(event).toMatchObject({ kind: "mass-result" });
    expect(event).not.toHaveProperty("createdAt");
  });

  it("is told apart when nobody knows its Status", () => {
    for (const Status of ["pending", null, "err()", "err(x)"]) {
      const event = read(resultWith({ Status }));
      expect(event).toEqual({ kind: "unknown-result", msgId: "3147494441" });
      expect(isMassResult(event)).toBe(true);
    }
  });
});

describe("a Status", () => {
  it.each([
    ["send success", "success"],
    ["sendsuccess", "success"],
    ["\n   Send Success ", "success"],
    ["send fail", "fail"],
    ["sendfail", "fail"],
    ["err(10001)", { err: 10001 }],
    [" ERR( 30002 )", { err: 30002 }],
  ])("%j means %j", (text, status) => {
    expect(readStatus(text)).toEqual(status);
  });

  it("has a meaning for every number, documented or not", () => {
    expect(refusalOf(10001).message).toContain("advertising");
    expect(refusalOf(20431)).toMatchObject({
      code: "AUDIT_REFUSED",
      message: expect.stringMatching(/not documented/),
    });
    for (const [err, code, remedy] of [
      [30001, "ORIGINALITY_REFUSED", /send_ignore_reprint 1/],
      [30002, "ORIGINALITY_REFUSED", /author/],
      [30003, "ORIGINALITY_REFUSED", /send_ignore_reprint 1/],
      [40001, "NOT_CONFIRMED", /administrator/],
      [40002, "NOT_CONFIRMED", /administrator/],
    ] as const)
      expect(refusalOf(err)).toMatchObject({ code, remedy: expect.stringMatching(remedy) });
  });
});

describe("any other message", () => {
  it("is told apart from a result by its type", () => {
    const text = "<xml><MsgType>text</MsgType><MsgId>7</MsgId><Content>hi</Content></xml>";
    expect(read(text)).toEqual({ kind: "message", type: "text" });
    expect(read(resultWith({ Event: "SCAN", MsgID: null }))).toMatchObject({ kind: "event", type: "SCAN" });
    expect(isMassResult(read(resultWith({})))).toBe(true);
  });

  it.each(["<xml></xml>", "<xml><MsgType/></xml>", "<xml><MsgType>event</MsgType></xml>"])(
    "is malformed as %s",
    (xml) => {
      expect(() => read(xml)).toThrow(bad);
    },
  );

  it("is read or malformed, whatever the nodes hold, never a bug", () => {
    const name = fc.constantFrom(
      "MsgType",
      "Event",
      "MsgID",
      "Status",
      "TotalCount",
      "ArticleUrlResult",
      "item",
    );
    const word = fc.constantFrom("event", "MASSSENDJOBFINISH", "send success", "7", "", " ", "<item/>");
    const { xml } = fc.letrec<{ xml: string; node: string }>((tie) => ({
      xml: fc.array(tie("node"), { maxLength: 8 }).map((nodes) => `<xml>${nodes.join("")}</xml>`),
      node: fc.tuple(name, fc.oneof({ maxDepth: 3 }, word, tie("node"))).map(([n, v]) => `<${n}>${v}</${n}>`),
    }));
    fc.assert(
      fc.property(xml, (text) => {
        try {
          expect(["mass-result", "unknown-result", "event", "message"]).toContain(read(text).kind);
        } catch (failure) {
          expect(failure).toEqual(bad);
        }
      }),
    );
  });
});
