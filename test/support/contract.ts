import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect } from "vitest";

type Json = Record<string, unknown>;
type Asked = {
  readonly method: string;
  readonly path: string;
  readonly type: string | undefined;
  readonly body: string | undefined;
};
type Answered = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
};
export type Operation = Json & {
  readonly responses: Record<string, Json>;
  readonly security?: readonly Json[];
  readonly parameters?: readonly { in: string; name: string; schema: Json }[];
};

export type ApiDocument = {
  readonly openapi: string;
  readonly servers: readonly { url: string }[];
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Json> };
};

/**
 * Holds requests and answers against an OpenAPI document, as somebody who only has the document does: every answer
 * is of a status and kind that is documented and fits its schema, with no field beside; what was not refused had been
 * documented as acceptable; a path that is not documented is 404, a method that is not is 405.
 */
export function createContract(described: object) {
  const document = described as ApiDocument;
  const ajv = new Ajv2020({ strict: false, allErrors: true, coerceTypes: false });
  addFormats.default(ajv);
  ajv.addSchema(closed(document) as Json, "answers");
  ajv.addSchema(document as unknown as Json, "requests");
  const compiled = new Map<string, ValidateFunction>();
  const schemaAt = (ref: string) => {
    const known = compiled.get(ref) ?? ajv.compile({ $ref: ref });
    compiled.set(ref, known);
    return known;
  };
  const patterns = Object.keys(document.paths)
    .sort((one, other) => one.split("{").length - other.split("{").length)
    .map((path) => ({ path, fits: patternOf(path) }));

  /** The operation and where it stands: an address without parameters before one with them. */
  function find(asked: string, method: string) {
    const plain = asked.split("?")[0] ?? "";
    const name = method === "HEAD" ? "get" : method.toLowerCase();
    const found = patterns.filter(({ fits }) => fits.test(plain)).map(({ path }) => path);
    const path = found.find((one) => document.paths[one]?.[name]) ?? found[0];
    if (!path) return { path: undefined, operation: undefined, at: "" };
    const at = `/paths/${path.replaceAll("~", "~0").replaceAll("/", "~1")}/${name}`;
    return { path, operation: document.paths[path]?.[name], at };
  }

  function holdAnswer(
    what: string,
    at: string,
    operation: Operation,
    { method }: Asked,
    got: Answered,
  ): void {
    const { status, headers, text } = got;
    const key = String(status) in operation.responses ? String(status) : `${Math.floor(status / 100)}XX`;
    const documented = resolved(document, operation.responses[key]);
    expect(documented, `${what} answers ${status}, which is not documented`).toBeDefined();
    const type = String(headers["content-type"] ?? "");
    const content = (documented?.content ?? {}) as Record<string, Json>;
    if (Object.keys(content).length === 0) {
      expect(text, `${what} has a body`).toBe("");
      return;
    }
    const named = kindsOf(type).find((one) => one in content);
    expect(named, `${what} ${status} is of type ${type}`).toBeDefined();
    for (const name of Object.keys((documented?.headers ?? {}) as Json))
      expect(headers, `${what} ${status} lacks its header`).toHaveProperty(name.toLowerCase());
    if (!named || !/\bjson$/.test(named) || !content[named]?.schema || method === "HEAD") return;
    const ref = (operation.responses[key]?.$ref ?? `#${at}/responses/${key}`) as string;
    const fits = schemaAt(`answers${ref}/content/${named.replace("/", "~1")}/schema`);
    expect(fits(JSON.parse(text)) ? [] : fits.errors, `${what} ${status} does not fit`).toEqual([]);
  }

  /** What was not refused, though it may have failed. */
  function holdRequest(what: string, at: string, operation: Operation, { path, type, body }: Asked): void {
    const parameters = (operation.parameters ?? []).filter((one) => one.in === "query");
    if (operation.security?.length)
      for (const name of new URL(path, "http://any").searchParams.keys())
        expect(
          parameters.map((one) => one.name),
          `${what} took a parameter`,
        ).toContain(name);
    const content = (operation.requestBody as Json | undefined)?.content as Record<string, Json> | undefined;
    if (!content?.["application/json"] || body === undefined) return;
    const isJson = type?.split(";")[0]?.trim().toLowerCase() === "application/json";
    // Then it is not read.
    if (!(operation.requestBody as Json).required && (!isJson || body === "")) return;
    expect(type?.split(";")[0]?.trim().toLowerCase(), `${what} took a body`).toBe("application/json");
    const fits = schemaAt(`requests#${at}/requestBody/content/application~1json/schema`);
    expect(fits(JSON.parse(body)) ? [] : fits.errors, `${what} took what is not documented`).toEqual([]);
  }

  return {
    hold(asked: Asked, got: Answered): void {
      const { method } = asked;
      const { path, operation, at } = find(asked.path, method);
      const what = `${method} ${path ?? "an unknown path"}`;
      if (operation) {
        holdAnswer(what, at, operation, asked, got);
        if (got.status < 400 || got.status >= 500) holdRequest(what, at, operation, asked);
      } else if (path) expect([what, got.status]).toEqual([what, 405]);
      else if (!/^\/(queues|docs|login|logout|campaigns|assets)?([/?]|$)/.test(asked.path))
        expect([401, 403, 404, 405], what).toContain(got.status);
    },
  };
}

/** A path's pattern as addresses are matched: a parameter is one segment. */
function patternOf(path: string): RegExp {
  const parts = path.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^/]+")}$`);
}

/** A content type, from as it stands to any. */
function kindsOf(type: string): string[] {
  const [plain = ""] = type.split(";");
  return [type, plain, plain.replace(/\/.*/, "/*"), "*/*"];
}

function resolved(document: ApiDocument, response: Json | undefined): Json | undefined {
  const ref = response?.$ref;
  if (typeof ref !== "string") return response;
  return ref
    .slice(2)
    .split("/")
    .reduce<unknown>((at, step) => (at as Json)[step], document) as Json;
}

/** The same document, but objects that list their fields have no others. */
function closed(value: unknown, isPart = false): unknown {
  if (Array.isArray(value)) return value.map((one) => closed(one, isPart));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => [key, closed(one, key === "allOf")]);
  const copy = Object.fromEntries(entries) as Json;
  const isClosable = "properties" in copy && copy.type === "object" && !("additionalProperties" in copy);
  return isClosable && !isPart ? { ...copy, unevaluatedProperties: false } : copy;
}
