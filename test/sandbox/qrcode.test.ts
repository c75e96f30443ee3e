import { describe, expect, it } from "vitest";
import { demoAccount } from "../../src/sandbox/demo-account.ts";
import { type Json, openRig } from "./rig.ts";

const temporary = (change: Json = {}) => ({
  expire_seconds: 600,
  action_name: "QR_SCENE",
  action_info: { scene: { scene_id: 123 } },
  ...change,
});
const scene = (value: Json) => ({ action_info: { scene: value } });

describe("qrcode/create", () => {
  it.each([
    ["QR_SCENE", { scene_id: 0xffff_ffff }, true],
    ["QR_STR_SCENE", { scene_str: "s".repeat(64) }, true],
    ["QR_LIMIT_SCENE", { scene_id: 100_000 }, false],
    ["QR_LIMIT_STR_SCENE", { scene_str: "春" }, false],
  ])("makes a code of kind %s", async (action_name, value, expires) => {
    const { call } = await openRig();
    const reply = await call("qrcode/create", temporary({ action_name, ...scene(value) }));
    expect(reply).toEqual({
      ticket: expect.stringMatching(/^[\w+/=]+$/),
      url: expect.stringMatching(/^http:\/\/weixin\.qq\.com\/q\//),
      ...(expires ? { expire_seconds: 600 } : {}),
    });
  });

  it.each([
    ["an unknown kind", { action_name: "QR" }, 40052],
    ["no kind", { action_name: undefined }, 40052],
    ["no scene", { action_info: {} }, 40053],
    ["scene 0", scene({ scene_id: 0 }), 40053],
    ["a scene above 32 bits", scene({ scene_id: 2 ** 32 }), 40053],
    ["a number as text", scene({ scene_id: "1" }), 40053],
    ["an empty text", { action_name: "QR_STR_SCENE", ...scene({ scene_str: "" }) }, 40053],
    [
      "a text of 65 characters",
      { action_name: "QR_STR_SCENE", ...scene({ scene_str: "s".repeat(65) }) },
      40053,
    ],
    [
      "a permanent scene above 100,000",
      { action_name: "QR_LIMIT_SCENE", ...scene({ scene_id: 100_001 }) },
      40053,
    ],
    ["more than thirty days", { expire_seconds: 2_592_001 }, 40053],
    ["no second", { expire_seconds: 0 }, 40053],
  ])("refuses %s", async (_what, change: Json, errcode) => {
    const { call } = await openRig();
    expect(await call("qrcode/create", temporary(change))).toMatchObject({ errcode });
  });

  it("is not for subscription accounts", async () => {
    const { call } = await openRig({ accounts: [{ ...demoAccount, kind: "subscription" }] });
    expect(await call("qrcode/create", temporary())).toMatchObject({ errcode: 48001 });
  });
});

describe("showqrcode", () => {
  it("gives anybody the picture of an encoded ticket, until it expires", async () => {
    const { call, sandbox, advance } = await openRig();
    const { ticket, expire_seconds } = await call("qrcode/create", temporary({ expire_seconds: undefined }));
    expect(expire_seconds).toBe(60);
    const show = (text: string) => fetch(`${sandbox.url}/cgi-bin/showqrcode?ticket=${text}`);
    const shown = await show(encodeURIComponent(String(ticket)));
    expect([shown.status, shown.headers.get("content-type")]).toEqual([200, "image/jpg"]);
    const bytes = Buffer.from(await shown.arrayBuffer());
    expect([bytes.toString("hex", 0, 3), bytes.toString("hex", bytes.length - 2)]).toEqual([
      "ffd8ff",
      "ffd9",
    ]);
    expect((await show(String(ticket))).status).toBe(404);
    expect((await show("x")).status).toBe(404);
    advance(60_000);
    expect((await show(encodeURIComponent(String(ticket)))).status).toBe(404);
  });

  it("keeps a permanent one", async () => {
    const { call, sandbox, advance } = await openRig();
    const { ticket } = await call("qrcode/create", temporary({ action_name: "QR_LIMIT_SCENE" }));
    advance(365 * 24 * 3_600_000);
    const path = `/cgi-bin/showqrcode?ticket=${encodeURIComponent(String(ticket))}`;
    expect((await fetch(sandbox.url + path)).status).toBe(200);
  });
});
