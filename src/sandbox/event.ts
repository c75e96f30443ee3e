import { z } from "zod";
import { cdata } from "./callback-xml.ts";

const Text = z.string().max(1024);
/** What every event has: who did it; the first follower when it is not said. */
const event = <Name extends string, Fields extends z.ZodRawShape>(name: Name, fields: Fields) =>
  z.strictObject({ event: z.literal(name), openid: z.string().optional(), ...fields });

const ofScan = { key: Text, scanType: Text.default("qrcode"), scanResult: Text };
const ofPictures = { key: Text, pictures: z.array(Text).min(1) };

/** An event of WECHAT.md section 6.4 as it is ordered backstage. */
export const EventRequest = z.discriminatedUnion("event", [
  event("subscribe", { scene: Text.optional(), ticket: Text.optional() }),
  event("unsubscribe", {}),
  event("SCAN", { scene: Text, ticket: Text }),
  event("LOCATION", { latitude: z.number(), longitude: z.number(), precision: z.number() }),
  event("CLICK", { key: Text }),
  event("VIEW", { url: Text, menuId: Text.default("400000001") }),
  event("view_miniprogram", { page: Text, menuId: Text.default("400000001") }),
  event("scancode_push", ofScan),
  event("scancode_waitmsg", ofScan),
  event("pic_sysphoto", ofPictures),
  event("pic_photo_or_album", ofPictures),
  event("pic_weixin", ofPictures),
  event("location_select", {
    key: Text,
    x: z.number(),
    y: z.number(),
    scale: z.number(),
    label: Text,
    poiname: Text,
  }),
  event("TEMPLATESENDJOBFINISH", { msgId: z.string().regex(/^\d+$/), status: Text.default("success") }),
  event("PUBLISHJOBFINISH", {
    publishId: z.string().regex(/^\d+$/),
    articleId: Text,
    urls: z.array(Text).min(1),
  }),
]);
export type EventRequest = z.infer<typeof EventRequest>;

/** The nodes by which an event differs from others. */
export function eventNodes(request: EventRequest): string[] {
  return [text("Event", request.event), ...fieldsOf(request)];
}

function fieldsOf(request: EventRequest): string[] {
  switch (request.event) {
    case "subscribe": {
      const { scene, ticket } = request;
      if (scene === undefined) return [text("EventKey", "")];
      return [text("EventKey", `qrscene_${scene}`), text("Ticket", ticket ?? "")];
    }
    case "unsubscribe":
      return [text("EventKey", "")];
    case "SCAN":
      return [text("EventKey", request.scene), text("Ticket", request.ticket)];
    case "LOCATION":
      return [
        node("Latitude", request.latitude),
        node("Longitude", request.longitude),
        node("Precision", request.precision),
      ];
    case "CLICK":
      return [text("EventKey", request.key)];
    case "VIEW":
      return [text("EventKey", request.url), node("MenuId", request.menuId)];
    case "view_miniprogram":
      return [text("EventKey", request.page), node("MenuId", request.menuId)];
    case "scancode_push":
    case "scancode_waitmsg": {
      const scan = text("ScanType", request.scanType) + text("ScanResult", request.scanResult);
      return [text("EventKey", request.key), node("ScanCodeInfo", scan)];
    }
    case "pic_sysphoto":
    case "pic_photo_or_album":
    case "pic_weixin": {
      const items = request.pictures.map((sum) => node("item", text("PicMd5Sum", sum))).join("");
      const pictures = node("Count", request.pictures.length) + node("PicList", items);
      return [text("EventKey", request.key), node("SendPicsInfo", pictures)];
    }
    case "location_select": {
      const { x, y, scale, label, poiname } = request;
      const where = `${text("Location_X", String(x))}${text("Location_Y", String(y))}${text("Scale", String(scale))}`;
      const place = text("Label", label) + text("Poiname", poiname);
      return [text("EventKey", request.key), node("SendLocationInfo", where + place)];
    }
    case "TEMPLATESENDJOBFINISH":
      return [node("MsgID", request.msgId), text("Status", request.status)];
    case "PUBLISHJOBFINISH":
      return [node("PublishEventInfo", publication(request))];
  }
}

function publication({
  publishId,
  articleId,
  urls,
}: Extract<EventRequest, { event: "PUBLISHJOBFINISH" }>): string {
  const items = urls.map((url, at) => node("item", node("idx", at + 1) + text("article_url", url))).join("");
  const detail = node("article_detail", node("count", urls.length) + items);
  return node("publish_id", publishId) + node("publish_status", 0) + text("article_id", articleId) + detail;
}

function text(name: string, value: string): string {
  return node(name, cdata(value));
}

function node(name: string, value: string | number): string {
  return `<${name}>${value}</${name}>`;
}
