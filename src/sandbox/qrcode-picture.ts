import { Hono } from "hono";
import type { World } from "./world.ts";

// A JPEG of one grey pixel: whoever shows it sees that a picture came, and nobody scans a fake's code.
const picture = Buffer.from(
  "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBD/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AP//Z",
  "base64",
);

/** The picture of a QR code, which mp.weixin.qq.com serves to anybody with its ticket (WECHAT.md section 9). */
export function createQrcodePicture(world: World) {
  const app = new Hono();
  app.get("/showqrcode", (context) => {
    const ticket = context.req.query("ticket") ?? "";
    if (!world.all.some(({ tickets }) => tickets.find(ticket) !== undefined)) return context.notFound();
    return new Response(new Uint8Array(picture), { headers: { "Content-Type": "image/jpg" } });
  });
  return app;
}
