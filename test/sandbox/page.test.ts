import { describe, expect, it } from "vitest";
import { followers, openRig } from "./rig.ts";

describe("the page of the sandbox", () => {
  it("tells what it has seen, without a whole OpenID", async () => {
    const { sandbox, send, call, draft } = await openRig();
    const [one = ""] = followers(0, 1);
    const { msg_id } = await send({ clientmsgid: "<b>7</b>" });
    await send({ touser: [] });
    await draft();
    await call("message/mass/preview", { touser: one, msgtype: "text", text: { content: "x" } });
    await call(`user/info?openid=${one}`);
    const response = await fetch(`${sandbox.url}/`);
    const page = await response.text();
    expect(response.headers.get("content-type")).toContain("text/html");
    const shown = [
      String(msg_id),
      "&lt;b&gt;7&lt;/b&gt;",
      "第 1 封",
      "SENDING|SEND_SUCCESS",
      "40130",
      "标题",
    ];
    for (const text of ["demo", "wxdemo0000000000", ...shown]) expect(page).toMatch(new RegExp(text));
    expect(page).not.toContain("<b>7</b>");
    for (const openid of followers(0, 50)) expect(page).not.toContain(openid);
    expect(page).not.toMatch(/<script|src=|https?:\/\//);
    expect(await (await fetch(`${sandbox.url}/sandbox`)).text()).toContain("The sandbox");
  });

  it("is for this machine only", async () => {
    const { sandbox } = await openRig();
    const headers = { "x-forwarded-for": "10.0.0.1" };
    expect((await fetch(`${sandbox.url}/`, { headers })).status).toBe(403);
    expect((await fetch(`${sandbox.url}/sandbox`, { headers })).status).toBe(403);
  });
});
