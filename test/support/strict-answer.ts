import type { ServerResponse } from "node:http";

type Body = Record<string, unknown>;

/** msg_id goes out as a bare number, beyond what JSON.stringify can write. */
function jsonText(body: Body): string {
  return JSON.stringify(body).replace(/"msg_id":"(\d+)"/, '"msg_id":$1');
}

/** An answer as WeChat writes it. */
export function json(response: ServerResponse, body: Body): void {
  response.setHeader("content-type", "application/json; encoding=utf-8");
  response.end(jsonText(body));
}

/** An answer that makes no sense, or breaks off. */
export function spoil(
  response: ServerResponse,
  how: "html" | "bad-gateway" | "half" | "cut",
  success: Body,
): void {
  if (how === "cut") {
    response.destroy();
    return;
  }
  if (how === "half") {
    const text = jsonText(success);
    response.writeHead(200, { "content-type": "application/json", "content-length": text.length });
    response.write(text.slice(0, 20), () => response.destroy());
    return;
  }
  response.writeHead(how === "html" ? 200 : 502, { "content-type": "text/html" });
  response.end("<html><body>busy</body></html>");
}
