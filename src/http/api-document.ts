import { STATUS_CODES } from "node:http";
import { z } from "zod";
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject,
} from "zod-openapi";
import { AccountId } from "../campaign/account.ts";
import { OpenId } from "../campaign/openid.ts";
import { type FailureCode, failures } from "../failure.ts";
import { apiIntroduction, examples } from "./api-words.ts";
import type { Access, Scope } from "./auth.ts";
import { drawing, drawJudges } from "./drawn-schema.ts";
import { describeHeader, describeProblems, ProblemView } from "./problem-view.ts";
import { type Content, type Docs, type Route, TAGS } from "./route.ts";

/** What an address holds, by the name of the parameter. */
const named: Readonly<Record<string, z.ZodType>> = {
  account: AccountId.describe("An id of the accounts file."),
  openid: OpenId,
};

type Described = Route & { readonly docs: Docs };

/**
 * OpenAPI 3.1 of all routes that have documentation. Bodies are described as they come in, answers as they go out;
 * what any call of its kind may fail with is added to what its documentation says.
 */
export function createApiDocument(routes: readonly Route[], { basePath = "" }: { basePath?: string } = {}) {
  const described = routes.filter((route): route is Described => route.docs !== undefined);
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const route of described) {
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  const responses = described
    .flatMap(problemsOf)
    .map(([status, codes]) => [codes.join("."), describeProblems(status, codes)]);
  return createDocument(
    {
      openapi: "3.1.1",
      info: { title: "qunfa", version: "1", ...apiIntroduction },
      servers: [{ url: basePath || "/" }],
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      paths: paths as ZodOpenApiPathsObject,
      components: {
        securitySchemes: { bearer: { type: "http", scheme: "bearer", description: "An API key." } },
        responses: Object.fromEntries(responses),
        schemas: { Problem: ProblemView, ...drawJudges() },
      },
    },
    drawing,
  );
}

function isKeyed(access: Access): access is Scope {
  return access === "read" || access === "send" || access === "admin";
}

function operationOf(route: Described): ZodOpenApiOperationObject {
  const { access, docs } = route;
  const path = paramsOf(route);
  return {
    operationId: docs.id,
    summary: docs.summary,
    description: [docs.more, isKeyed(access) ? `Needs a key of scope \`${access}\`.` : "Open."]
      .filter(Boolean)
      .join("\n\n"),
    tags: [docs.tag],
    security: isKeyed(access) ? [{ bearer: [access] }] : [],
    requestParams: {
      ...(Object.keys(path).length > 0 && { path: z.object(path) }),
      ...(docs.query && { query: docs.query }),
      ...(docs.headers && { header: docs.headers }),
    },
    ...(docs.body && {
      requestBody: { required: !docs.bodyOptional, content: contentOf(docs.body, examples[docs.id]) },
    }),
    responses: responsesOf(route),
  };
}

function paramsOf({ path, docs }: Described): Record<string, z.ZodType> {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => name);
  return Object.fromEntries(
    names.map((name) => [name, docs.params?.[name] ?? named[name] ?? z.string().min(1)]),
  );
}

function contentOf(content: NonNullable<Content>, examples: Readonly<Record<string, unknown>> = {}) {
  const types = content instanceof z.ZodType ? { "application/json": content } : content;
  const shown = Object.entries(examples).map(([summary, value]) => [
    summary.toLowerCase().replaceAll(/\W+/g, "-"),
    { summary, value },
  ]);
  return Object.fromEntries(
    Object.entries(types).map(([type, schema]) => [
      type,
      {
        ...(schema && { schema }),
        ...(shown.length > 0 && type === "application/json" && { examples: Object.fromEntries(shown) }),
      },
    ]),
  );
}

function responsesOf(route: Described): ZodOpenApiResponsesObject {
  const { answers, location, conditional } = route.docs;
  const headers = {
    ...(location && { Location: describeHeader(location) }),
    ...(conditional && { ETag: describeHeader("For `If-None-Match`.") }),
  };
  const said = Object.entries(answers).map(([status, content]) => [
    status,
    {
      description: STATUS_CODES[status] ?? status,
      ...(Number(status) < 300 && Object.keys(headers).length > 0 && { headers }),
      ...(content && { content: contentOf(content) }),
    },
  ]);
  const unchanged = { description: "You have it already: your `If-None-Match` names it." };
  return {
    ...Object.fromEntries(said),
    ...(conditional && { 304: unchanged }),
    ...Object.fromEntries(
      problemsOf(route).map(([status, codes]) => [
        status,
        { $ref: `#/components/responses/${codes.join(".")}` },
      ]),
    ),
  };
}

/** By status. An answer of its own of that status is told in their place. */
function problemsOf(route: Described): (readonly [status: number, codes: readonly FailureCode[]])[] {
  const codes = [...new Set([...(route.docs.fails ?? []), ...usualFailures(route)])].sort();
  const statuses = new Set(codes.map((code) => failures[code].status as number));
  return [...statuses]
    .filter((status) => !(status in route.docs.answers))
    .map((status) => [status, codes.filter((code) => failures[code].status === status)]);
}

/** What follows from a call's access, path, query and body. */
function usualFailures({ access, path, docs }: Described): FailureCode[] {
  const when = (isSo: unknown, ...codes: FailureCode[]) => (isSo ? codes : []);
  const keyed = isKeyed(access);
  return [
    ...when(keyed, "UNAUTHORIZED", "INVALID_PARAMETER"),
    ...when(access !== "wechat", "FORBIDDEN"),
    ...when(path.includes(":"), "NOT_FOUND"),
    ...when(docs.headers && "Idempotency-Key" in docs.headers.shape, "ID_REUSED"),
    ...when(keyed && docs.body, "TOO_LARGE", "TOO_SLOW", "UNSUPPORTED_MEDIA_TYPE"),
    ...when(keyed || access === "login", "TOO_MANY_GUESSES"),
    ...when(keyed || access === "wechat", "REDIS_AWAY"),
    // Whose head is malformed gets there as well.
    "BAD_REQUEST",
    "INTERNAL",
  ];
}
