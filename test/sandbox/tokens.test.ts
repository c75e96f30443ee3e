import { describe, expect, it } from "vitest";
import { demoAccount } from "../../src/sandbox/demo-account.ts";
import { openRig, type Rig } from "./rig.ts";

const { appid, secret } = demoAccount;
const credentials = { grant_type: "client_credential", appid, secret };

const plain = ({ ask }: Rig, change: Record<string, string> = {}) =>
  ask(`/cgi-bin/token?${new URLSearchParams({ ...credentials, ...change })}`);
const stable = ({ post }: Rig, change: object = {}) =>
  post("/cgi-bin/stable_token", { ...credentials, ...change });
const errcodeOfUse = async ({ ask }: Rig, token: unknown) =>
  (await ask(`/cgi-bin/user/get?access_token=${token}`)).errcode;

const minute = 60_000;

describe("the token call", () => {
  it("gives a new token each time and leaves the one before five minutes", async () => {
    const rig = await openRig();
    const first = await plain(rig);
    const second = await plain(rig);
    expect(first).toEqual({ access_token: expect.any(String), expires_in: 7200 });
    expect(second.access_token).not.toBe(first.access_token);
    rig.advance(5 * minute - 1);
    expect(await errcodeOfUse(rig, first.access_token)).toBeUndefined();
    rig.advance(1);
    expect(await errcodeOfUse(rig, first.access_token)).toBe(40001);
    expect(await errcodeOfUse(rig, second.access_token)).toBeUndefined();
  });

  it("answers as the real one does: status 200, its own Content-Type, an errmsg with a rid", async () => {
    const { sandbox } = await openRig();
    const response = await fetch(`${sandbox.url}/cgi-bin/token?grant_type=client_credential`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json; encoding=utf-8");
    const reply = (await response.json()) as { errmsg: string };
    expect(reply.errmsg).toMatch(/^appid missing rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$/);
  });

  it.each([
    ["another grant_type", { grant_type: "password" }, 40002],
    ["no appid", { appid: "" }, 41002],
    ["no secret", { secret: "" }, 41004],
    ["an unknown appid", { appid: "wx0000000000000000" }, 40013],
    ["a wrong secret", { secret: "wrong" }, 40125],
  ])("refuses %s, as does the stable one", async (_what, change, errcode) => {
    const rig = await openRig();
    expect(await plain(rig, change)).toMatchObject({ errcode });
    expect(await stable(rig, change)).toMatchObject({ errcode });
  });

  it("can be made by GET only, the stable one by POST only", async () => {
    const rig = await openRig();
    expect(await rig.post("/cgi-bin/token", credentials)).toMatchObject({ errcode: 43001 });
    expect(await rig.ask("/cgi-bin/stable_token")).toMatchObject({ errcode: 43002 });
  });

  it("can be made 2000 times a day of Beijing", async () => {
    const rig = await openRig();
    for (let call = 0; call < 2000; call++) await plain(rig);
    expect(await plain(rig)).toMatchObject({ errcode: 45009 });
    rig.advance(12 * 60 * minute);
    expect(await plain(rig)).toMatchObject({ expires_in: 7200 });
  });
});

describe("the stable token call", () => {
  it("gives the same token with the time that is left", async () => {
    const rig = await openRig();
    const first = await stable(rig);
    rig.advance(100_500);
    expect(await stable(rig)).toEqual({ access_token: first.access_token, expires_in: 7099 });
  });

  it("gives a new one in the last five minutes, and both work until the first has run out", async () => {
    const rig = await openRig();
    const { access_token: first } = await stable(rig);
    rig.advance(115 * minute);
    const { access_token: second, expires_in: left } = await stable(rig);
    expect(second).not.toBe(first);
    expect(left).toBe(7200);
    rig.advance(5 * minute - 1);
    expect(await errcodeOfUse(rig, first)).toBeUndefined();
    rig.advance(1);
    expect(await errcodeOfUse(rig, first)).toBe(42001);
    expect(await errcodeOfUse(rig, second)).toBeUndefined();
  });

  it("when forced ends the old token at once, but not twice within 30 s", async () => {
    const rig = await openRig();
    const { access_token: first } = await stable(rig);
    const { access_token: second } = await stable(rig, { force_refresh: true });
    expect(second).not.toBe(first);
    expect(await errcodeOfUse(rig, first)).toBe(40001);
    rig.advance(29_999);
    expect(await stable(rig, { force_refresh: true })).toMatchObject({ access_token: second });
    rig.advance(1);
    expect(await stable(rig, { force_refresh: true })).not.toMatchObject({ access_token: second });
  });

  it("can be forced 20 times a day", async () => {
    const rig = await openRig();
    const seen = new Set();
    for (let call = 0; call < 22; call++) {
      seen.add((await stable(rig, { force_refresh: true })).access_token);
      rig.advance(30_000);
    }
    expect(seen.size).toBe(20);
  });

  it("knows nothing of the other call's tokens", async () => {
    const rig = await openRig();
    const { access_token: token } = await stable(rig);
    await plain(rig);
    await plain(rig);
    rig.advance(10 * minute);
    expect(await errcodeOfUse(rig, token)).toBeUndefined();
    expect((await stable(rig)).access_token).toBe(token);
  });

  it.each([
    ["an empty body", "", 44002],
    ["a body that is not JSON", "{", 47001],
    ["a body that is no object", "[]", 47001],
    ["a force_refresh that is no boolean", JSON.stringify({ ...credentials, force_refresh: "true" }), 47003],
  ])("refuses %s", async (_what, body, errcode) => {
    const { post } = await openRig();
    expect(await post("/cgi-bin/stable_token", body)).toMatchObject({ errcode });
  });
});

describe("a call with a token", () => {
  it.each([
    ["none", "", 41001],
    ["a malformed one", "abc", 40014],
    ["one that was never given", `99_${"A".repeat(128)}`, 40001],
  ])("refuses %s", async (_what, token, errcode) => {
    expect(await errcodeOfUse(await openRig(), token)).toBe(errcode);
  });
});
