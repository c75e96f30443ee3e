import { createApiDocument } from "./api-document.ts";
import { createDocsHandlers } from "./docs-page.ts";
import { AnyQuery } from "./query.ts";
import { documented, get, type Route } from "./route.ts";

/** The routes, and those that describe them all to machines and to people. */
export function withDescription(
  routes: readonly Route[],
  { basePath = "" }: { readonly basePath?: string } = {},
): readonly Route[] {
  const docs = createDocsHandlers();
  const all: readonly Route[] = [
    ...routes,
    get(
      "/openapi.json",
      "open",
      documented(
        {
          id: "getDescription",
          summary: "Describes this API as OpenAPI 3.1.",
          tag: "Operation",
          query: AnyQuery,
          answers: { 200: { "application/json": null } },
          conditional: true,
        },
        (c) => c.body(text, 200, { "Content-Type": "application/json", "Cache-Control": "no-cache" }),
      ),
    ),
    get("/docs", "open", docs.page),
    get("/docs/:file", "open", docs.asset),
    { method: "GET", path: "/docs/", access: "open", handler: (c) => c.redirect("../docs", 308) },
  ];
  const text = JSON.stringify(createApiDocument(all, { basePath }));
  return all;
}
