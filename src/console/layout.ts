import type { Context } from "hono";
import { html } from "hono/html";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { type Language, languageOf, type Words, words } from "./words.ts";

/** Nothing is asked of another host, and no script runs. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

export type Markup = ReturnType<typeof html>;

export type Page = {
  readonly title: string;
  readonly main: Markup;
  /** Without the ways to other pages: nobody has logged in. */
  readonly isPlain?: boolean;
  readonly status?: ContentfulStatusCode;
  readonly refreshSeconds?: number | undefined;
};

export type Layout = ReturnType<typeof createLayout>;

export type LayoutParts = {
  readonly basePath: string;
  readonly hasLogin: boolean;
  /** Where the style sheet is, without the base path. */
  readonly stylePath: string;
  readonly iconPath: string;
};

/** What is around every page, in the browser's language. */
export function createLayout({ basePath, hasLogin, stylePath, iconPath }: LayoutParts) {
  const nav = (w: Words) => html`<nav>
<a href="${basePath}/">${w.campaigns}</a>
<a href="${basePath}/queues">${w.queues}</a>
<a href="${basePath}/docs">${w.api}</a>
</nav>
${hasLogin && html`<form method="post" action="${basePath}/logout"><button class="quiet">${w.logOut}</button></form>`}`;

  return {
    basePath,

    /** The words of the request's language, and that language's name. */
    speak(c: Context): { w: Words; language: Language } {
      const language = languageOf(c);
      return { w: words[language], language };
    },

    async answer(c: Context, page: Page): Promise<Response> {
      const { title, main, isPlain = false, status = 200, refreshSeconds } = page;
      const language = languageOf(c);
      c.header("Content-Security-Policy", contentSecurityPolicy);
      // With less a browser would not say where a form comes from.
      c.header("Referrer-Policy", "same-origin");
      c.header("Cache-Control", "no-store");
      c.header("Vary", "Accept-Language, Cookie");
      c.header("Content-Language", language === "zh" ? "zh-CN" : "en");
      return c.html(
        html`<!doctype html>
<html lang="${language === "zh" ? "zh-CN" : "en"}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${refreshSeconds !== undefined && html`<meta http-equiv="refresh" content="${refreshSeconds}">`}
<title>${title} · qunfa</title>
<link rel="icon" type="image/svg+xml" href="${basePath}${iconPath}">
<link rel="stylesheet" href="${basePath}${stylePath}">
</head>
<body>
<header><a class="brand" href="${basePath}/">qunfa</a>${!isPlain && nav(words[language])}</header>
<main>
<h1>${title}</h1>
${main}
</main>
</body>
</html>`,
        status,
      );
    },
  };
}
