import { describe, expect, test } from "vitest";
import { openDeskRig } from "./desk-rig.ts";
import { openDoor } from "./door.ts";

const of = "/v1/accounts/acme";
const menu = { button: [{ name: "News", type: "click", key: "NEWS" }] };

describe("/v1/accounts/{account}/speed", () => {
  test("shows how many people a minute WeChat reaches, and is set", async () => {
    const { ask } = await openDeskRig();
    const fastest = { account: "acme", speed: 0, recipientsPerMinute: { listed: 800_000, said: 800_000 } };
    expect(await ask("GET", `${of}/speed`)).toEqual({ status: 200, body: fastest });
    expect(await ask("PUT", `${of}/speed`, { speed: 4 })).toEqual({
      status: 200,
      body: { account: "acme", speed: 4, recipientsPerMinute: { listed: 100_000, said: 100_000 } },
    });
    expect(await ask("GET", `${of}/speed`)).toMatchObject({ body: { speed: 4 } });
    for (const speed of [5, -1, "1", null])
      expect(await ask("PUT", `${of}/speed`, { speed })).toMatchObject({
        status: 422,
        body: { errors: [{ path: "speed", message: "expected 0 to 4, 0 being the fastest" }] },
      });
  });
});

describe("/v1/accounts/{account}/menu", () => {
  test("is set, shown and taken away, with those for some followers", async () => {
    const { ask } = await openDeskRig();
    expect(await ask("GET", `${of}/menu`)).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
    expect(await ask("PUT", `${of}/menu`, menu)).toEqual({ status: 200, body: { menu } });
    const some = { ...menu, matchrule: { tag_id: "100" } };
    const added = await ask("POST", `${of}/menu/conditional`, some);
    expect(added).toMatchObject({ status: 201, body: { menuId: expect.stringMatching(/^\d+$/), ...some } });
    expect(await ask("GET", `${of}/menu`)).toMatchObject({
      body: { menu, conditional: [{ menuId: added.body.menuId }] },
    });
    const one = `${of}/menu/conditional/${added.body.menuId}`;
    expect(await ask("DELETE", one)).toEqual({ status: 204, body: {} });
    expect(await ask("DELETE", `${of}/menu/conditional/x`)).toMatchObject({ status: 404 });
    expect(await ask("DELETE", `${of}/menu`)).toEqual({ status: 204, body: {} });
    expect(await ask("GET", `${of}/menu`)).toMatchObject({ status: 404 });
  });

  test("names all that WeChat would refuse, and asks it nothing", async () => {
    const { ask, arrived } = await openDeskRig();
    const wrong = {
      button: [
        { name: "x".repeat(17), type: "click" },
        { name: "y", type: "wrong" },
      ],
      more: 1,
    };
    expect(await ask("PUT", `${of}/menu`, wrong)).toMatchObject({
      status: 422,
      body: {
        code: "INVALID_PARAMETER",
        errors: expect.arrayContaining([
          expect.objectContaining({ path: "button.0.name" }),
          expect.objectContaining({ path: "button.0.key" }),
          expect.objectContaining({ path: "button.1.type" }),
        ]),
      },
    });
    expect(await ask("POST", `${of}/menu/conditional`, menu)).toMatchObject({ status: 422 });
    expect(await arrived("menu/create")).toBe(0);
  });

  test("says what WeChat refuses itself", async () => {
    const { ask } = await openDeskRig();
    const some = { ...menu, matchrule: { tag_id: "100" } };
    expect(await ask("POST", `${of}/menu/conditional`, some)).toMatchObject({
      body: { code: "WECHAT_REFUSED", errcode: 65303 },
    });
  });
});

describe("/v1/accounts/{account}/qrcodes and /tags", () => {
  test("a code is made, and its picture handed on", async () => {
    const { ask, door, rig } = await openDeskRig();
    const code = { kind: "temporary", scene: "expo", expireSeconds: 3_600 };
    const { status, body } = await ask("POST", `${of}/qrcodes`, code);
    expect({ status, body }).toEqual({
      status: 201,
      body: {
        ticket: expect.any(String),
        url: expect.any(String),
        expiresAt: new Date(rig.clock.now() + 3_600_000).toISOString(),
      },
    });
    const picture = await door.ask(`${of}/qrcodes/${encodeURIComponent(String(body.ticket))}.jpg`);
    expect(picture.status).toBe(200);
    expect(picture.headers["content-type"]).toBe("image/jpeg");
    expect((await door.ask(`${of}/qrcodes/nothing.jpg`)).status).toBe(404);
    expect(await ask("POST", `${of}/qrcodes`, { kind: "permanent", scene: "desk" })).toMatchObject({
      body: { expiresAt: null },
    });
    expect(await ask("POST", `${of}/qrcodes`, { kind: "permanent", scene: 0 })).toMatchObject({
      status: 422,
    });
  });

  test("the tags are listed", async () => {
    const { ask } = await openDeskRig();
    expect(await ask("GET", `${of}/tags`)).toMatchObject({
      body: { items: expect.arrayContaining([{ id: 100, name: "VIP", count: 5 }]), nextCursor: null },
    });
  });
});

test("each call wants its scope and an account that there is", async () => {
  const keys = (["read", "send", "admin"] as const).map((scope) => {
    return { name: scope, key: `${scope}-key`, scopes: [scope] };
  });
  const door = await openDoor({ apiKeys: keys });
  const calls: [string, string, string][] = [
    ["POST", "/v1/previews", "send"],
    ["GET", "/v1/campaigns/x/recall", "read"],
    ["POST", "/v1/campaigns/x/recall", "send"],
    ["GET", "/v1/accounts/nobody/speed", "read"],
    ["PUT", "/v1/accounts/nobody/speed", "admin"],
    ["POST", "/v1/accounts/nobody/quota/refresh", "admin"],
    ["POST", "/v1/accounts/nobody/quota/clear", "admin"],
    ["GET", "/v1/accounts/nobody/menu", "read"],
    ["PUT", "/v1/accounts/nobody/menu", "admin"],
    ["DELETE", "/v1/accounts/nobody/menu", "admin"],
    ["POST", "/v1/accounts/nobody/menu/conditional", "admin"],
    ["DELETE", "/v1/accounts/nobody/menu/conditional/1", "admin"],
    ["POST", "/v1/accounts/nobody/qrcodes", "admin"],
    ["GET", "/v1/accounts/nobody/qrcodes/t.jpg", "read"],
    ["GET", "/v1/accounts/nobody/tags", "read"],
  ];
  try {
    for (const [method, path, scope] of calls) {
      const statusFor = async (key: string) =>
        (await door.ask(path, { method, headers: { authorization: `Bearer ${key}` } })).status;
      expect(await statusFor("no-key"), path).toBe(401);
      for (const { name, key } of keys)
        if (name !== scope) expect(await statusFor(key), `${method} ${path} with ${name}`).toBe(403);
      if (path.includes("nobody")) expect(await statusFor(`${scope}-key`), path).toBe(404);
    }
  } finally {
    await door.close();
  }
});
