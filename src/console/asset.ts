import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { PageRoute } from "../http/route.ts";

/** What pages need beside themselves, read once. A path changes with its file, so that browsers may keep it for good. */
export function createAssets() {
  const style = createAsset("style.css", "text/css; charset=utf-8");
  const icon = createAsset("icon.svg", "image/svg+xml");
  return { stylePath: style.path, iconPath: icon.path, routes: [style, icon] };
}

function createAsset(name: string, type: string): PageRoute {
  const bytes = readFileSync(new URL(`./${name}`, import.meta.url));
  const version = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  return {
    method: "GET",
    path: `/assets/${version}/${name}`,
    access: "login",
    handler: (c) =>
      c.body(bytes, 200, { "Content-Type": type, "Cache-Control": "public, max-age=31536000, immutable" }),
  };
}
