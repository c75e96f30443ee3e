import { describe, expect, it } from "vitest";
import { node, openRig } from "./rig.ts";

const results = (xml: string) => ({
  status: node(xml, "Status"),
  state: node(xml, "CheckState"),
  checked: [...xml.matchAll(/<CanReprint>/g)].length,
  links: [...xml.matchAll(/<ArticleUrl>/g)].length,
});

describe("an article", () => {
  it.each([
    ["nothing", 0, { status: "send success", state: "1", checked: 0, links: 2 }],
    ["reprint", 0, { status: "err(30003)", state: "2", checked: 2, links: 0 }],
    ["reprint", 1, { status: "send success", state: "2", checked: 2, links: 2 }],
    ["reprint-forbidden", 0, { status: "err(30002)", state: "3", checked: 2, links: 0 }],
    ["reprint-forbidden", 1, { status: "err(30002)", state: "3", checked: 2, links: 0 }],
    ["originality-down", 0, { status: "err(30001)", state: "0", checked: 0, links: 0 }],
    ["originality-down", 1, { status: "send success", state: "1", checked: 0, links: 2 }],
  ])("found to be %s, with send_ignore_reprint %i", async (found, send_ignore_reprint, told) => {
    const { draft, send, fault, receiver, poll } = await openRig({ callbackMode: "plain" });
    const media_id = await draft(2);
    if (found !== "nothing") await fault({ fault: found });
    const { errcode, msg_id } = await send({ msgtype: "mpnews", mpnews: { media_id }, send_ignore_reprint });
    expect(errcode).toBe(0);
    const { body } = await receiver.callback();
    expect(results(body)).toEqual(told);
    const success = told.status === "send success";
    expect(node(body, "TotalCount")).toBe(success ? "3" : "0");
    expect(await poll(msg_id)).toMatchObject({ msg_status: success ? "SEND_SUCCESS" : "SEND_FAIL" });
  });

  it("is told item by item, in the shapes of the documentation", async () => {
    const { draft, send, fault, receiver } = await openRig({ callbackMode: "plain" });
    const media_id = await draft(2);
    await fault({ fault: "reprint" });
    await send({ msgtype: "mpnews", mpnews: { media_id }, send_ignore_reprint: 1 });
    const { body } = await receiver.callback();
    const check = node(body, "CopyrightCheckResult") ?? "";
    expect([...check.matchAll(/<(\w+)>/g)].map(([, name]) => name)).toEqual([
      "Count",
      "ResultList",
      ...[1, 2].flatMap(() => [
        "item",
        "ArticleIdx",
        "UserDeclareState",
        "AuditState",
        "OriginalArticleUrl",
        "OriginalArticleType",
        "CanReprint",
        "NeedReplaceContent",
        "NeedShowReprintSource",
      ]),
      "CheckState",
    ]);
    expect([...check.matchAll(/<ArticleIdx>(\d)/g)].map(([, index]) => index)).toEqual(["1", "2"]);
    expect(node(node(body, "ArticleUrlResult") ?? "", "Count")).toBe("2");
  });
});

describe("a text", () => {
  it("passes the originality check unharmed", async () => {
    const { send, fault, receiver } = await openRig({ callbackMode: "plain" });
    await fault({ fault: "reprint-forbidden" });
    await send();
    expect(results((await receiver.callback()).body)).toEqual({
      status: "send success",
      state: "0",
      checked: 0,
      links: 0,
    });
  });
});
