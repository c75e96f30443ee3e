import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { languageDetector } from "hono/language";
import { z } from "zod";
import { Failure } from "../failure.ts";
import { AnyQuery } from "./query.ts";
import { documented } from "./route.ts";

/** Nothing from outside and no script of the page itself: Swagger UI draws its icons as data and sets styles in code. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const words = {
  en: {
    title: "qunfa: HTTP API",
    lead: "Every call, its body and its answers. For machines: ",
  },
  "zh-CN": {
    title: "qunfa：HTTP 接口",
    lead: "每个接口的请求与响应；供程序读取的描述：",
  },
} as const;

/** All addresses are relative, so that the page works behind any path prefix. */
function pageIn(language: keyof typeof words): string {
  const { title, lead } = words[language];
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" type="image/png" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="stylesheet" href="docs/page.css">
</head>
<body>
<header><h1>${title}</h1><p>${lead}<a href="openapi.json">openapi.json</a></p></header>
<main id="api"></main>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/page.js"></script>
</body>
</html>
`;
}

const asset = { js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8", png: "image/png" };

/** The readable page of the API: Swagger UI, served by ourselves. */
export function createDocsHandlers() {
  const require = createRequire(import.meta.url);
  const swagger = dirname(require.resolve("swagger-ui-dist/package.json"));
  const files = new Map([
    ...["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"].map(
      (name) => [name, join(swagger, name)] as const,
    ),
    ...["page.css", "page.js"].map(
      (name) => [name, fileURLToPath(new URL(`docs/${name}`, import.meta.url))] as const,
    ),
  ]);

  const detectLanguage = languageDetector({
    order: ["header"],
    caches: false,
    supportedLanguages: ["en", "zh"],
    fallbackLanguage: "en",
  });

  return {
    page: documented(
      {
        id: "getDocs",
        summary: "Shows this description to people.",
        tag: "Operation",
        query: AnyQuery,
        answers: { 200: { "text/html": z.string() } },
        conditional: true,
      },
      async (c) => {
        await detectLanguage(c, async () => {});
        const language = c.get("language") === "zh" ? "zh-CN" : "en";
        return c.html(pageIn(language), 200, {
          "Cache-Control": "no-cache",
          "Content-Language": language,
          "Content-Security-Policy": contentSecurityPolicy,
          Vary: "Accept-Language",
        });
      },
    ),

    asset: documented(
      {
        id: "getDocsFile",
        summary: "A script, style sheet or picture of that page.",
        tag: "Operation",
        params: { file: z.enum([...files.keys()]) },
        query: AnyQuery,
        answers: { 200: { [asset.js]: null, [asset.css]: null, [asset.png]: null } },
        conditional: true,
      },
      async (c) => {
        const name = c.req.param("file") ?? "";
        const file = files.get(name);
        if (!file) throw new Failure("NOT_FOUND", "There is no such file.");
        const type = asset[name.split(".").at(-1) as keyof typeof asset];
        const bytes = new Uint8Array(await readFile(file));
        return c.body(bytes, 200, { "Content-Type": type, "Cache-Control": "public, max-age=3600" });
      },
    ),
  };
}
