import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Call, calls, emptyDoor, paths } from "./calls.ts";
import { openDoor } from "./door.ts";

const writing = calls.filter(({ bodies }) => bodies.length > 0);

let door: Awaited<ReturnType<typeof openDoor>>;
beforeAll(async () => {
  door = await openDoor(emptyDoor);
});
afterAll(() => door.close());

type More = { query?: string; type?: string; body?: string; key?: string };

/** The call as its first example has it, but for what is given. */
function send({ method, address, scope, bodies }: Call, { query = "", type, body, key }: More) {
  const sent = body ?? (bodies[0] && JSON.stringify(bodies[0]));
  const contentType = type ?? (bodies[0] && "application/json");
  const headers = {
    authorization: `Bearer ${key ?? `${scope}-key`}`,
    ...(contentType && { "content-type": contentType }),
  };
  return door.ask(`${address}${query}`, { method, headers, ...(sent !== undefined && { body: sent }) });
}

test("there are calls to look at", () => {
  expect([calls.length > 35, writing.length > 10]).toEqual([true, true]);
});

describe.each(calls)("$at", (call) => {
  test("is 401 without a key, and 403 with one of another scope", async () => {
    const { method, address } = call;
    for (const headers of [{}, { authorization: "Bearer x" }, { authorization: "Basic cmVhZC1rZXk6" }]) {
      const answer = await door.ask(address, { method, headers });
      expect([answer.status, answer.headers["www-authenticate"]]).toEqual([401, "Bearer"]);
    }
    for (const scope of ["read", "send", "admin"].filter((one) => one !== call.scope))
      expect((await send(call, { key: `${scope}-key` })).status).toBe(403);
  });

  // Prometheus may be told to send parameters with every scrape.
  test.skipIf(call.at === "GET /metrics")(
    "is 422 with a parameter that it does not have, or one twice",
    async () => {
      const unknown = await send(call, { query: "?nonsense=1" });
      expect(unknown.status).toBe(422);
      expect(unknown.json()).toMatchObject({ errors: [{ path: "nonsense", message: "no such parameter" }] });
      for (const name of call.query)
        expect((await send(call, { query: `?${name}=1&${name}=1` })).status).toBe(422);
    },
  );
});

describe.each(calls.filter(({ query }) => query.includes("limit")))("the pages of $at", (call) => {
  test.each(["0", "201", "-1", "1.5", "1e2", "050", "", " 5", "5%00", "٥", "null"])(
    "hold no %j items",
    async (limit) => {
      const { status, json } = await send(call, { query: `?limit=${encodeURIComponent(limit)}` });
      expect(status).toBe(422);
      expect(json()).toMatchObject({ errors: [{ path: "limit", message: "a whole number from 1 to 200" }] });
    },
  );

  test("hold 1 to 200 items", async () => {
    for (const limit of [1, 50, 200])
      expect((await send(call, { query: `?limit=${limit}` })).status).not.toBe(422);
  });
});

describe.each(writing)("the body of $at", (call) => {
  const types = ["", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=gbk"];
  test.each(call.isRequired ? types : types.slice(-1))("is 415 as %j", async (type) =>
    expect((await send(call, { type })).status).toBe(415),
  );

  const broken = ["", "{", "{'a':1}", '{"a":1}}', "\u0000"];
  test.each(call.isRequired ? broken : broken.slice(1))("is 400 as %j", async (body) => {
    expect((await send(call, { body })).status).toBe(400);
  });

  test.each(["null", "[]", '"x"', "1", '{"nonsense":1}'])("is 422 as %s", async (body) => {
    const { status, json } = await send(call, { body });
    expect(status).toBe(422);
    expect((json() as { errors: unknown[] }).errors.length).toBeGreaterThan(0);
  });

  test("goes through as each of its examples", async () => {
    for (const body of call.bodies)
      expect((await send(call, { body: JSON.stringify(body) })).status).toBe(503);
  });

  test("with any one thing changed is refused, or is as the document says that it may be", async () => {
    const changed = call.bodies.flatMap((body) => [...changesOf(body)]);
    let refused = 0;
    for (const body of changed) {
      const { status } = await send(call, { body: JSON.stringify(body) });
      expect([422, 503], JSON.stringify(body)).toContain(status);
      if (status === 422) refused += 1;
    }
    expect(refused).toBeGreaterThan(0);
  });
});

const strange = [null, true, -1, 1.5, 1e300, "", "x".repeat(300), "\ud800", [], {}, [null], { "": 1 }];

/** The value with one place of it left out, added or of another kind. */
function* changesOf(value: unknown): Generator<unknown> {
  yield* strange;
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const [index, one] of value.entries())
      for (const other of changesOf(one)) yield value.with(index, other);
    return;
  }
  yield { ...value, nonsense: 1 };
  for (const [name, one] of Object.entries(value)) {
    const { [name]: _, ...rest } = value as Record<string, unknown>;
    yield rest;
    for (const other of changesOf(one)) yield { ...value, [name]: other };
  }
}

describe.each(paths)("$path", ({ path, address, item }) => {
  const methods = Object.keys(item).map((method) => method.toUpperCase());
  const allowed = methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));

  test("is 405 by any other method, with those that there are", async () => {
    const others = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];
    for (const method of others.filter((one) => !allowed.includes(one))) {
      // Reads the campaign of that id.
      if (path === "/v1/campaigns/plan" && ["GET", "HEAD"].includes(method)) continue;
      const { status, headers } = await door.ask(address, { method });
      const told = String(headers.allow).split(", ").sort();
      expect([method, status, told]).toEqual([method, 405, [...allowed].sort()]);
    }
  });

  test("is another path with a slash behind it", async () => {
    expect((await door.ask(`${address}/`)).status).toBe(path === "/docs" ? 308 : 404);
  });
});
