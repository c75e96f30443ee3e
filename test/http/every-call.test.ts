import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Account } from "../../src/campaign/account.ts";
import { parseCampaign } from "../../src/campaign/body.ts";
import { createApiDocument } from "../../src/http/api-document.ts";
import type { Scope } from "../../src/http/auth.ts";
import { createRoutes } from "../../src/http/routes.ts";
import { createTestDesk } from "./desk.ts";
import { createDoorDeps, openDoor } from "./door.ts";
import { openid } from "./ledger.ts";

/** Whatever is called first: a call that does not fit has to be refused before. */
const untouched = new Proxy({}, { get: () => () => Promise.reject(new Error("this was called")) });
const acme = Account.parse({ id: "acme", appid: "wx0123456789", secret: "s", kind: "service", token: "t" });
const accounts = new Map([["acme", acme]]);
const scopes = ["read", "send", "admin"] as const;

const overrides = {
  accounts,
  apiKeys: scopes.map((scope) => ({ name: scope, key: `${scope}-key`, scopes: [scope] })),
  takeIn: async (_: unknown, body: unknown) => {
    parseCampaign(body, accounts);
    throw new Error("it was taken in");
  },
  desk: createTestDesk({
    wechatOf: () => ({ massDesk: untouched, menus: untouched, qrCodes: untouched, tags: untouched }) as never,
  }),
};

type Described = {
  readonly operationId: string;
  readonly security: readonly { bearer?: readonly Scope[] }[];
  readonly parameters?: readonly { in: string; name: string }[];
  readonly requestBody?: {
    readonly content: Record<string, { examples?: Record<string, { value: unknown }> }>;
  };
};

const document = createApiDocument(createRoutes(createDoorDeps(overrides).deps));
const paths = Object.entries(document.paths as Record<string, Record<string, Described>>);
const calls = paths.flatMap(([path, item]) =>
  Object.entries(item).map(([name, call]) => {
    const method = name.toUpperCase();
    const scope = call.security[0]?.bearer?.[0];
    return { at: `${method} ${path}`, method, path: addressOf(path), scope, ...call };
  }),
);
const keyed = calls.filter(({ scope }) => scope !== undefined);
const writing = keyed.filter(({ requestBody }) => requestBody?.content["application/json"]);

function addressOf(path: string): string {
  const id = path.includes("audiences") ? "0b8f7a52-6f0c-4d6e-9c59-3f1f8f9c2d11" : "here";
  const known: Record<string, string> = {
    account: "acme",
    openid: openid("one"),
    menuid: "1",
    file: "t.jpg",
  };
  return path.replace(/\{(\w+)\}/g, (_, name: string) => known[name] ?? id);
}

let door: Awaited<ReturnType<typeof openDoor>>;
beforeAll(async () => {
  door = await openDoor(overrides);
});
afterAll(() => door.close());

type Call = (typeof calls)[number];

function send(
  { method, path, scope, requestBody }: Call,
  more: { query?: string; type?: string; body?: string },
) {
  const [example] = Object.values(requestBody?.content["application/json"]?.examples ?? {});
  const {
    query = "",
    type = example && "application/json",
    body = example && JSON.stringify(example.value),
  } = more;
  const headers = { authorization: `Bearer ${scope}-key`, ...(type && { "content-type": type }) };
  return door.ask(`${path}${query}`, { method, headers, ...(body !== undefined && { body }) });
}

test("there are calls to look at", () => {
  expect([keyed.length > 35, writing.length > 10]).toEqual([true, true]);
});

describe.each(keyed)("$at", (call) => {
  test("is 401 without a key, and 403 with one of other scopes", async () => {
    const { method, path } = call;
    for (const headers of [{}, { authorization: "Bearer x" }, { authorization: "Basic cmVhZC1rZXk6" }]) {
      const answer = await door.ask(path, { method, headers });
      expect([answer.status, answer.headers["www-authenticate"]]).toEqual([401, "Bearer"]);
    }
    for (const scope of scopes.filter((one) => one !== call.scope))
      expect((await send({ ...call, scope }, {})).status).toBe(403);
  });

  test("is 422 with a parameter that it does not have, or one twice", async () => {
    const unknown = await send(call, { query: "?nonsense=1" });
    expect(unknown.status).toBe(422);
    expect(unknown.json()).toMatchObject({ errors: [{ path: "nonsense", message: "no such parameter" }] });
    for (const { name } of (call.parameters ?? []).filter((one) => one.in === "query"))
      expect((await send(call, { query: `?${name}=1&${name}=1` })).status).toBe(422);
  });
});

describe.each(writing)("the body of $at", (call) => {
  test.each([undefined, "text/plain", "application/x-www-form-urlencoded", "application/json; charset=gbk"])(
    "is 415 as %s",
    async (type) => expect((await send(call, { type: type ?? "" })).status).toBe(415),
  );

  test.each(["", "{", "{'a':1}", '{"a":1}}', "\u0000"])("is 400 as %j", async (body) => {
    expect((await send(call, { body })).status).toBe(400);
  });

  test.each(["null", "[]", '"x"', "1", '{"nonsense":1}'])("is 422 as %s", async (body) => {
    const { status, json } = await send(call, { body });
    expect(status).toBe(422);
    expect((json() as { errors: unknown[] }).errors.length).toBeGreaterThan(0);
  });
});

describe.each(paths.map(([path, item]) => ({ path, item })))("$path", ({ path, item }) => {
  const methods = Object.keys(item).map((method) => method.toUpperCase());
  const allowed = methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));

  test("is 405 by any other method, with those that there are", async () => {
    const others = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];
    for (const method of others.filter((one) => !allowed.includes(one))) {
      // Reads the campaign of that id.
      if (path === "/v1/campaigns/plan" && ["GET", "HEAD"].includes(method)) continue;
      const { status, headers } = await door.ask(addressOf(path), { method });
      expect([method, status, String(headers.allow).split(", ").sort()]).toEqual([
        method,
        405,
        [...allowed].sort(),
      ]);
    }
  });

  test("is another path with a slash behind it", async () => {
    expect((await door.ask(`${addressOf(path)}/`)).status).toBe(path === "/docs" ? 308 : 404);
  });
});
