import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isMassResult, readEvent } from "../../src/wechat/events.ts";
import { createXmlReader } from "../../src/wechat/xml.ts";

const folder = new URL("../fixtures/events/", import.meta.url);
const push = (name: string) => readFileSync(new URL(`${name}.xml`, folder), "utf8");
const readXml = createXmlReader();
const read = (xml: string) => readEvent(readXml(xml));

const openid = "oTESTxxxxxxxxxxxxxxxxxxxxxxx";
const createdAt = 1_700_000_000_000;

const table = [
  ["subscribe", { type: "subscribe" }],
  ["subscribe-by-qr-code", { type: "subscribe", key: "qrscene_123123", scene: "123123", ticket: "TICKET" }],
  [
    "subscribe-by-text-scene",
    { type: "subscribe", key: "qrscene_shop 3/北京", scene: "shop 3/北京", ticket: "TICKET" },
  ],
  ["unsubscribe", { type: "unsubscribe" }],
  ["scan", { type: "SCAN", key: "123123", scene: "123123", ticket: "TICKET" }],
  ["location", { type: "LOCATION" }],
  ["click", { type: "CLICK", key: "EVENTKEY" }],
  ["view", { type: "VIEW", key: "https://example.com/a?b=1&c=2" }],
  ["view-miniprogram", { type: "view_miniprogram", key: "pages/index/index" }],
  ["scancode-push", { type: "scancode_push", key: "6" }],
  ["scancode-waitmsg", { type: "scancode_waitmsg", key: "6" }],
  ["pic-sysphoto", { type: "pic_sysphoto", key: "6" }],
  ["pic-photo-or-album", { type: "pic_photo_or_album", key: "6" }],
  ["pic-weixin", { type: "pic_weixin", key: "6" }],
  ["location-select", { type: "location_select", key: "6" }],
  ["template-result", { type: "TEMPLATESENDJOBFINISH" }],
  ["publish-result", { type: "PUBLISHJOBFINISH" }],
] as const;

describe("an event of WECHAT.md section 6.4", () => {
  it.each(table)("is read: %s", (name, told) => {
    const event = read(push(name));
    expect(event).toEqual({ kind: "event", openid, createdAt, ...told, id: expect.any(String) });
    expect(isMassResult(event)).toBe(false);
  });

  it("has an id of its own, the same each time, that names nobody", () => {
    const ids = table.map(([name]) => (read(push(name)) as { id: string }).id);
    expect(new Set(ids).size).toBe(table.length);
    for (const [index, [name]] of table.entries()) {
      expect(read(push(name))).toMatchObject({ id: ids[index] });
      expect(ids[index]).toMatch(/^[A-Za-z0-9_-]{27}$/);
      expect(ids[index]).not.toContain(openid);
    }
  });

  it("is another one for another person, second, name or key", () => {
    const xml = push("click");
    const others = [
      xml.replace("oTEST", "oREST"),
      xml.replace("1700000000", "1700000001"),
      xml.replace("CLICK", "VIEW"),
      xml.replace("EVENTKEY", "EVENTKEYS"),
    ];
    const ids = [xml, ...others].map((text) => (read(text) as { id: string }).id);
    expect(new Set(ids).size).toBe(5);
    const result = push("template-result");
    expect(read(result)).not.toMatchObject({
      id: (read(result.replace("200163836", "8")) as { id: string }).id,
    });
  });

  it("is read without what it should have", () => {
    const bare =
      "<xml><MsgType>event</MsgType><Event>subscribe</Event><EventKey>last_trade_no_1</EventKey></xml>";
    expect(read(bare)).toEqual({
      ...{ kind: "event", type: "subscribe", key: "last_trade_no_1", id: expect.any(String) },
    });
    const scene = "<xml><MsgType>event</MsgType><Event>subscribe</Event><EventKey>qrscene_</EventKey></xml>";
    expect(read(scene)).not.toHaveProperty("scene");
  });
});

describe("a message", () => {
  it.each(["text", "image"])("of type %s is no event", (type) => {
    const message = read(push(`message-${type}`));
    expect(message).toEqual({ kind: "message", type, openid, createdAt });
    expect(isMassResult(message)).toBe(false);
  });
});

it("every fixture is in these tables", () => {
  const names = [...table.map(([name]) => name), "message-text", "message-image"];
  expect(
    readdirSync(folder)
      .map((file) => file.replace(".xml", ""))
      .sort(),
  ).toEqual(names.sort());
});
