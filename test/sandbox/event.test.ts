import { describe, expect, it } from "vitest";
import { demoAccount } from "../../src/sandbox/demo-account.ts";
import { unfollowedOpenid } from "../../src/sandbox/followers.ts";
import { createEnvelope } from "../../src/wechat/envelope.ts";
import { sign } from "../../src/wechat/signature.ts";
import { followers, type Json, node, noon, openRig } from "./rig.ts";

const [one = ""] = followers(0, 1);
const path = "/sandbox/accounts/demo/events";

describe("an event", () => {
  it.each([
    [{ event: "subscribe" }, "<EventKey><![CDATA[]]></EventKey>"],
    [
      { event: "subscribe", scene: "7", ticket: "T" },
      "<EventKey><![CDATA[qrscene_7]]></EventKey>\n<Ticket><![CDATA[T]]></Ticket>",
    ],
    [{ event: "unsubscribe" }, "<EventKey><![CDATA[]]></EventKey>"],
    [
      { event: "SCAN", scene: "7", ticket: "T" },
      "<EventKey><![CDATA[7]]></EventKey>\n<Ticket><![CDATA[T]]></Ticket>",
    ],
    [
      { event: "LOCATION", latitude: 23.1, longitude: 113.3, precision: 119 },
      "<Latitude>23.1</Latitude>\n<Longitude>113.3</Longitude>\n<Precision>119</Precision>",
    ],
    [{ event: "CLICK", key: "K" }, "<EventKey><![CDATA[K]]></EventKey>"],
    [
      { event: "VIEW", url: "https://a.example/", menuId: "9" },
      "<EventKey><![CDATA[https://a.example/]]></EventKey>\n<MenuId>9</MenuId>",
    ],
    [
      { event: "view_miniprogram", page: "pages/a", menuId: "9" },
      "<EventKey><![CDATA[pages/a]]></EventKey>\n<MenuId>9</MenuId>",
    ],
    ...["scancode_push", "scancode_waitmsg"].map((event) => [
      { event, key: "K", scanResult: "2" },
      "<ScanCodeInfo><ScanType><![CDATA[qrcode]]></ScanType><ScanResult><![CDATA[2]]></ScanResult></ScanCodeInfo>",
    ]),
    ...["pic_sysphoto", "pic_photo_or_album", "pic_weixin"].map((event) => [
      { event, key: "K", pictures: ["5a75aaca956d97be686719218f275c6b"] },
      "<SendPicsInfo><Count>1</Count><PicList><item><PicMd5Sum><![CDATA[5a75aaca956d97be686719218f275c6b]]></PicMd5Sum></item></PicList></SendPicsInfo>",
    ]),
    [
      { event: "location_select", key: "K", x: 23, y: 113, scale: 15, label: "广州", poiname: "塔" },
      "<SendLocationInfo><Location_X><![CDATA[23]]></Location_X><Location_Y><![CDATA[113]]></Location_Y>" +
        "<Scale><![CDATA[15]]></Scale><Label><![CDATA[广州]]></Label><Poiname><![CDATA[塔]]></Poiname></SendLocationInfo>",
    ],
    [
      { event: "TEMPLATESENDJOBFINISH", msgId: "90261533849829378" },
      "<MsgID>90261533849829378</MsgID>\n<Status><![CDATA[success]]></Status>",
    ],
    [
      { event: "PUBLISHJOBFINISH", publishId: "2247503051", articleId: "A", urls: ["http://a.example/"] },
      "<PublishEventInfo><publish_id>2247503051</publish_id><publish_status>0</publish_status>" +
        "<article_id><![CDATA[A]]></article_id><article_detail><count>1</count><item><idx>1</idx>" +
        "<article_url><![CDATA[http://a.example/]]></article_url></item></article_detail></PublishEventInfo>",
    ],
  ] as [Json, string][])("is pushed as WeChat words it: %o", async (event, nodes) => {
    const { post, receiver } = await openRig({ callbackMode: "plain" });
    expect(await post(path, event)).toEqual({ answers: ["success"] });
    const { body, url } = await receiver.callback();
    expect(node(body, "FromUserName")).toBe(one);
    expect(url.searchParams.get("openid")).toBe(one);
    expect(node(body, "MsgType")).toBe("event");
    expect(node(body, "Event")).toBe(event.event);
    expect(node(body, "CreateTime")).toBe(String(noon / 1000));
    expect(body).toContain(nodes);
  });

  it("is signed and sealed as its account is set", async () => {
    const { post, receiver } = await openRig();
    await post(path, { event: "CLICK", key: "K" });
    const { body, url } = await receiver.callback();
    const query = Object.fromEntries(url.searchParams);
    const cipher = node(body, "Encrypt") ?? "";
    const { token, appid, encodingAESKey } = demoAccount;
    expect(query.msg_signature).toBe(sign(token, query.timestamp ?? "", query.nonce ?? "", cipher));
    expect(node(createEnvelope({ appid, encodingAESKey }).open(cipher), "EventKey")).toBe("K");
  });

  it("that is not taken comes three times in all", async () => {
    const { post, receiver } = await openRig();
    receiver.answers.push(...Array(3).fill({ status: 500, text: "" }));
    expect(await post(path, { event: "CLICK", key: "K" })).toEqual({ answers: Array(3).fill("status 500") });
    expect(new Set(receiver.requests.map(({ body }) => body)).size).toBe(1);
  });

  it.each([
    [{ event: "shake" }, "event"],
    [{ event: "CLICK" }, "key"],
    [{ event: "CLICK", key: "K", more: 1 }, ""],
  ])("is refused as %o", async (event, named) => {
    const { post } = await openRig();
    expect(await post(path, event)).toMatchObject({ errors: [{ path: named }] });
  });

  it("happens to known accounts, and on this machine only", async () => {
    const { sandbox } = await openRig();
    const init = { method: "POST", body: '{"event":"CLICK","key":"K"}' };
    expect((await fetch(`${sandbox.url}/sandbox/accounts/nobody/events`, init)).status).toBe(404);
    const foreign = { ...init, headers: { origin: "https://a.example" } };
    expect((await fetch(sandbox.url + path, foreign)).status).toBe(403);
  });
});

describe("following and unfollowing", () => {
  it("change who follows, has tags and receives", async () => {
    const { post, call, send, job } = await openRig();
    const stranger = unfollowedOpenid("demo", 0);
    await post(path, { event: "unsubscribe", openid: one });
    await post(path, { event: "subscribe", openid: stranger });
    const { data, total } = (await call("user/get")) as { data: { openid: string[] }; total: number };
    expect([total, data.openid]).toEqual([50, [...followers(1, 50), stranger]]);
    expect(await call("user/tag/get", { tagid: 100 })).toMatchObject({ count: 4 });
    expect(await call(`user/info?openid=${one}`)).toEqual({ subscribe: 0, openid: one });
    const { msg_id } = await send({ touser: [one, stranger] });
    expect((await job(msg_id)).counts).toEqual({ total: 2, filter: 1, sent: 1, error: 0 });
    await post(path, { event: "subscribe", openid: one });
    expect(await call("user/get")).toMatchObject({ total: 51 });
    expect(await call("tags/getidlist", { openid: one })).toEqual({ tagid_list: [] });
  });

  it("lets a list be read on behind one who left meanwhile", async () => {
    const { post, call } = await openRig();
    await post(path, { event: "unsubscribe", openid: one });
    expect(await call(`user/get?next_openid=${one}`)).toMatchObject({ count: 49 });
  });
});
