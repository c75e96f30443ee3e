import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import { failures } from "../../src/failure.ts";
import { createApiDocument } from "../../src/http/api-document.ts";
import { createRoutes } from "../../src/http/routes.ts";
import { type ApiDocument, createContract, type Operation } from "../support/contract.ts";
import { createDoorDeps, openDoor } from "./door.ts";

const { deps } = createDoorDeps();
const routes = createRoutes(deps);
const document = createApiDocument(routes) as unknown as ApiDocument;
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ at: `${method.toUpperCase()} ${path}`, operation })),
);
const idOf = (operation: Operation) => String(operation.operationId);

describe("the document", () => {
  test("is valid OpenAPI 3.1", async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone(document));
    expect(errors).toBeUndefined();
    expect([valid, validator.version]).toEqual([true, "3.1"]);
  });

  test("has every route, pages for people alone excepted", () => {
    const shown = routes.filter(({ access, path }) => access !== "page" && !path.endsWith("/"));
    const rows = shown.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
    expect(operations.map(({ at }) => at).sort()).toEqual(rows.sort());
    expect(rows.length).toBeGreaterThan(40);
  });

  test("says of each call in one sentence what it does, under a name of its own and with its tag", () => {
    expect(new Set(operations.map(({ operation }) => idOf(operation))).size).toBe(operations.length);
    for (const { at, operation } of operations) {
      expect(operation.summary, at).toMatch(/^[A-Z].{10,100}\.$/);
      expect(idOf(operation), at).toMatch(/^[a-z]+([A-Z][a-z]+)+$/);
      expect(operation.tags, at).toHaveLength(1);
    }
  });

  test("names the scope of each call, and every parameter of its path", () => {
    for (const { at, operation } of operations) {
      const route = routes.find(({ docs }) => docs?.id === operation.operationId);
      const scoped = ["read", "send", "admin"].includes(String(route?.access));
      expect(operation.security, at).toEqual(scoped ? [{ bearer: [route?.access] }] : []);
      const named = (operation.parameters ?? []).filter((one) => one.in === "path").map(({ name }) => name);
      expect(named, at).toEqual([...at.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    }
  });

  test("has defaults that fit their schemas", () => {
    const schemas = operations.flatMap(({ at, operation }) =>
      (operation.parameters ?? []).map(({ name, schema }) => ({ of: `${at} ${name}`, schema })),
    );
    const defaults = schemas.filter(({ schema }) => "default" in schema);
    expect(defaults.length).toBeGreaterThan(5);
    for (const { of, schema } of defaults)
      expect(new Ajv2020({ strict: false }).validate(schema, schema.default), of).toBe(true);
  });

  test("describes a campaign's body by the schema that reads it, with the messages that it takes", () => {
    expect(bodyOf("createCampaign").schema).toEqual({ $ref: "#/components/schemas/CampaignBody" });
    const body = JSON.stringify(document.components.schemas.CampaignBody);
    expect(body).toContain('"#/components/schemas/Message"');
    expect(body).toContain('"hold"');
    const types = JSON.stringify(document.components.schemas.Message);
    expect(types).toContain('"mpnews"');
    // Told apart only to be refused in better words.
    expect(types).not.toContain('"wxcard"');
  });

  test("knows no failure that is not in the table, and gives each its status", () => {
    const responses = (document.components as unknown as { responses: object }).responses;
    for (const [name, response] of Object.entries(responses)) {
      const [, { properties }] = response.content["application/problem+json"].schema.allOf;
      for (const code of name.split("."))
        expect(failures[code as keyof typeof failures].status, code).toBe(properties.status.const);
    }
    expect(Object.keys(responses)).toContain("UNAUTHORIZED");
  });

  test("puts the base path before every address", () => {
    expect(document.servers).toEqual([{ url: "/" }]);
    expect(createApiDocument(routes, { basePath: "/qunfa" }).servers).toEqual([{ url: "/qunfa" }]);
  });
});

type Body = { schema: object; examples?: Record<string, { value: unknown }> };

function bodyOf(id: string): Body {
  const bodies = operations
    .filter(({ operation }) => operation.operationId === id)
    .map(({ operation }) => (operation.requestBody as { content: Record<string, Body> }).content);
  return bodies[0]?.["application/json"] as Body;
}

describe("examples", () => {
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  ajv.addSchema(JSON.parse(JSON.stringify(document)), "document");
  const bodies = operations.flatMap(({ at, operation }) => {
    const isJson = JSON.stringify(operation.requestBody ?? "").includes('"application/json"');
    return isJson ? [{ at, id: idOf(operation), ...bodyOf(idOf(operation)) }] : [];
  });

  test("stand at every JSON body", () => {
    expect(bodies.filter(({ examples }) => !examples).map(({ at }) => at)).toEqual([]);
    expect(bodies.length).toBeGreaterThan(10);
  });

  test.each(bodies)(
    "of $at fit the schema that is documented, and the one that reads them",
    ({ at, ...body }) => {
      const pointer = (at.split(" ")[1] ?? "").replaceAll("/", "~1");
      const method = (at.split(" ")[0] ?? "").toLowerCase();
      const $ref = `document#/paths/${pointer}/${method}/requestBody/content/application~1json/schema`;
      const fits = ajv.compile({ $ref });
      const schema = routes.find(({ docs }) => docs?.id === body.id)?.docs?.body as z.ZodType;
      for (const { value } of Object.values(body.examples ?? {})) {
        expect(fits(value) ? [] : fits.errors).toEqual([]);
        expect(schema.safeParse(value).error).toBeUndefined();
      }
    },
  );
});

describe("a body that the documented schema refuses, as the one that reads it does", () => {
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  ajv.addSchema(JSON.parse(JSON.stringify(document)), "document");
  const preview = { account: "acme", message: { msgtype: "text", text: { content: "x" } } };
  const button = [{ type: "click", name: "a", key: "b" }];
  const campaign = (message: object) => ({ account: "acme", audience: { type: "all" }, message });
  const [url, uploadId] = ["https://example.com/a.jpg", `u${"0".repeat(32)}`];

  test.each<[string, string, unknown]>([
    ["createPreview", "neither openid nor wxname", preview],
    ["createPreview", "both", { ...preview, openid: "o".repeat(28), wxname: "x" }],
    ["addDoNotSend", "neither openids nor audienceId", {}],
    ["readAudience", "a tag without number and name", { type: "tag" }],
    ["addConditionalMenu", "a matchrule of nothing", { button, matchrule: {} }],
    ["createCampaign", "no picture", campaign({ msgtype: "image" })],
    ["createCampaign", "a picture from nowhere", campaign({ msgtype: "image", image: {} })],
    ["createCampaign", "one of two places", campaign({ msgtype: "voice", voice: { url, uploadId } })],
    ["bookExternalSend", "a msgId of no digits", { audience: { type: "all" }, msgId: "abc" }],
  ])("%s: %s", (id, _what, body) => {
    const of = operations.find(({ operation }) => idOf(operation) === id);
    const [method = "", path = ""] = of?.at.split(" ") ?? [];
    const schema = `paths/${path.replaceAll("/", "~1")}/${method.toLowerCase()}/requestBody/content/application~1json/schema`;
    expect(ajv.compile({ $ref: `document#/${schema}` })(body)).toBe(false);
    const reads = routes.find(({ docs }) => docs?.id === id)?.docs?.body as z.ZodType;
    expect(reads.safeParse(body).success).toBe(false);
  });
});

describe("GET /openapi.json", () => {
  let door: Awaited<ReturnType<typeof openDoor>>;
  beforeAll(async () => {
    door = await openDoor({ apiKeys: [{ name: "ci", key: "k", scopes: ["read"] }] });
  });
  afterAll(() => door.close());

  test("is open, and answered 304 to who has it", async () => {
    const { status, headers, json } = await door.ask("/openapi.json");
    expect([status, headers["content-type"]]).toEqual([200, "application/json"]);
    expect(json()).toEqual(JSON.parse(JSON.stringify(document)));
    const again = { headers: { "if-none-match": `"other", ${headers.etag}` } };
    expect(await door.ask("/openapi.json", again)).toMatchObject({ status: 304, text: "" });
    const other = await door.ask("/openapi.json", { headers: { "if-none-match": '"other"' } });
    expect(other.status).toBe(200);
  });
});

describe("the contract that answers are held to", () => {
  const contract = createContract(document);
  const asked = { method: "GET", path: "/healthz", type: undefined, body: undefined };
  const json = { "content-type": "application/json" };
  const good = { status: 200, headers: json, text: '{"status":"ok"}' };

  test("lets through what is documented", () => {
    expect(() => contract.hold(asked, good)).not.toThrow();
  });

  test.each([
    ["another status", asked, { ...good, status: 201 }],
    ["another content type", asked, { ...good, headers: { "content-type": "text/html" } }],
    ["another value", asked, { ...good, text: '{"status":"fine"}' }],
    ["a field more", asked, { ...good, text: '{"status":"ok","more":1}' }],
    ["a field less", asked, { ...good, text: "{}" }],
    ["an answer without its ETag", { ...asked, path: "/openapi.json" }, { ...good, text: "{}" }],
    ["a path that is nowhere", { ...asked, path: "/nowhere" }, good],
    ["a method that is nowhere", { ...asked, method: "PATCH" }, good],
    [
      "a code that its call does not have",
      { ...asked, path: "/v1/campaigns" },
      {
        status: 401,
        headers: { "content-type": "application/problem+json", "www-authenticate": "Bearer" },
        text: JSON.stringify({ type: "", title: "", status: 401, detail: "", code: "FORBIDDEN" }),
      },
    ],
    [
      "a body that is not documented",
      { method: "PUT", path: "/v1/accounts/acme/speed", type: "application/json", body: '{"speed":9}' },
      {
        ...good,
        text: '{"account":"acme","speed":1,"recipientsPerMinute":{"listed":1,"said":null}}',
      },
    ],
  ])("finds %s", (_, request, answer) => {
    expect(() => contract.hold(request, answer)).toThrow();
  });
});
