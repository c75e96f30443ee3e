import { describe, expect, it } from "vitest";
import { createMaterialCalls } from "../../src/sandbox/material-calls.ts";
import { qrcodeCalls } from "../../src/sandbox/qrcode-calls.ts";
import { Settings } from "../../src/sandbox/settings.ts";
import { createWorld } from "../../src/sandbox/world.ts";
import { createTestClock } from "../support/clock.ts";
import { fileOf, noon } from "./rig.ts";

/** An account as calls see it: too many things to post each over HTTP. */
function openAccount() {
  const settings = Settings.parse({ followers: 0, mediaMustExist: false });
  const [account] = createWorld(settings, createTestClock(noon)).all;
  if (account === undefined) throw new Error("no account");
  const body = (value: object) =>
    ({ ok: true, value: value as Record<string, unknown>, text: JSON.stringify(value) }) as const;
  return { account, materialCalls: createMaterialCalls(settings), body };
}

describe("what an account may keep", () => {
  it.each([
    ["image", "png", 100_000, 45020],
    ["thumb", "jpg", 100_000, 45020],
    ["voice", "mp3", 1000, 45034],
    ["video", "mp4", 1000, 45034],
  ] as const)("of type %s (%s) ends after %i things", (type, kind, most, errcode) => {
    const { account, materialCalls, body } = openAccount();
    const keep = () =>
      materialCalls["material/add_material"](account, {
        query: { type },
        body: body({}),
        upload: {
          fields: { description: '{"title":"片"}' },
          files: { media: { name: "a", bytes: fileOf(kind) } },
        },
      });
    for (let count = 1; count < most; count++) account.media.add({ type, bytes: 1, permanent: true });
    account.media.add({ type, bytes: 1, permanent: false });
    expect(keep()).toHaveProperty("media_id");
    expect(keep()).toMatchObject({ errcode });
  });

  it("of permanent QR codes ends after 100,000", () => {
    const { account, body } = openAccount();
    const create = () =>
      qrcodeCalls["qrcode/create"](account, {
        query: {},
        body: body({ action_name: "QR_LIMIT_SCENE", action_info: { scene: { scene_id: 1 } } }),
      });
    for (let count = 1; count < 100_000; count++) account.tickets.add("1", null);
    expect(create()).toHaveProperty("ticket");
    expect(create()).toMatchObject({ errcode: 45029 });
  });
});

describe("what the sandbox remembers", () => {
  it("is bounded: of very many temporary things the oldest go, what stays does not", () => {
    const { account } = openAccount();
    const kept = account.media.add({ type: "voice", bytes: 1, permanent: true });
    const first = account.media.add({ type: "voice", bytes: 1, permanent: false });
    for (let count = 0; count < 10_000; count++) {
      account.media.add({ type: "voice", bytes: 1, permanent: false });
    }
    expect(account.media.find(first.id)).toBeUndefined();
    expect(account.media.find(kept.id)).toBe(kept);
    expect(account.media.list()).toHaveLength(10_001);
  });
});
