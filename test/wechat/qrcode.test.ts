import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { createLogger } from "../../src/log.ts";
import { openDownload } from "../../src/wechat/download.ts";
import { createQrCodes } from "../../src/wechat/qrcode.ts";
import { openRecorder, type Recorder } from "./recorder.ts";
import { deadUrl } from "./servers.ts";

let wechat: Recorder;
let codes: ReturnType<typeof createQrCodes>;
beforeEach(async () => {
  wechat = await openRecorder();
  codes = createQrCodes(wechat.parts);
});
afterEach(async () => {
  await wechat.close();
  expect(wechat.faults).toEqual([]);
});

const ticket = "gQH47joAAAAAAAAAASxodHRw/Oi8vd2VpeGlu+LnFxLmNvbQ==";

describe("a QR code", () => {
  it("is made in each of its four kinds", async () => {
    const kinds = [
      [{ kind: "temporary", scene: 123, expireSeconds: 604_800 }, "QR_SCENE", { scene_id: 123 }],
      [{ kind: "temporary", scene: "春节", expireSeconds: 604_800 }, "QR_STR_SCENE", { scene_str: "春节" }],
      [{ kind: "permanent", scene: 123 }, "QR_LIMIT_SCENE", { scene_id: 123 }],
      [{ kind: "permanent", scene: "春节" }, "QR_LIMIT_STR_SCENE", { scene_str: "春节" }],
    ] as const;
    for (const [code, action_name, scene] of kinds) {
      const isTemporary = code.kind === "temporary";
      const seconds = isTemporary ? { expire_seconds: 604_800 } : {};
      wechat.answer(JSON.stringify({ ticket, ...seconds, url: "http://weixin.qq.com/q/x" }));
      expect(await codes.create(code)).toEqual({
        kind: "done",
        value: { ticket, url: "http://weixin.qq.com/q/x", ...(isTemporary && { expireSeconds: 604_800 }) },
      });
      const { path, json } = wechat.last();
      expect(path).toBe("/cgi-bin/qrcode/create");
      expect(json).toEqual({ ...seconds, action_name, action_info: { scene } });
    }
  });

  it("is refused when there are too many", async () => {
    wechat.answer('{"errcode":45029,"errmsg":"qrcode count out of limit"}');
    expect(await codes.create({ kind: "permanent", scene: 1 })).toMatchObject({ kind: "refused" });
  });
});

describe("its picture", () => {
  const picture = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0x00, 0x80]);

  it("comes from WeChat's site for the ticket, all of its characters encoded, without a token", async () => {
    wechat.pictures.push((response) => response.writeHead(200, { "content-type": "image/jpg" }).end(picture));
    expect(await codes.picture(ticket)).toEqual({
      kind: "done",
      value: { bytes: picture, contentType: "image/jpg" },
    });
    expect(wechat.last()).toMatchObject({ path: "/mp/cgi-bin/showqrcode", query: { ticket } });
    expect(Object.keys(wechat.last().query)).toEqual(["ticket"]);
  });

  it("is refused for a ticket that WeChat does not know", async () => {
    wechat.pictures.push((response) =>
      response.writeHead(404, { "content-type": "text/html" }).end("<html>"),
    );
    expect(await codes.picture("no ticket")).toEqual({
      kind: "refused",
      error: { message: "there is no such ticket" },
    });
  });

  it("is unclear when something else comes", async () => {
    wechat.pictures.push(
      (response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>busy</html>"),
      (response) => response.writeHead(502).end(),
      (response) => response.destroy(),
      (response) => response.writeHead(200, { "content-type": "image/jpg" }).end(Buffer.alloc(1_100_000)),
    );
    const replies = [await codes.picture("t"), await codes.picture("t"), await codes.picture("t")];
    replies.push(await codes.picture("t"));
    expect(replies.map(({ kind }) => kind)).toEqual(["unclear", "unclear", "unclear", "unclear"]);
  });

  it("never leaves for an address where nobody listens", async () => {
    const { download, close } = openDownload({
      account: { mpBase: await deadUrl() },
      timeoutMs: 5_000,
      proxy: {},
      clock: systemClock,
      log: createLogger("silent"),
    });
    expect(await createQrCodes({ ...wechat.parts, download }).picture(ticket)).toMatchObject({
      kind: "never-left",
    });
    await close();
  });
});
