/** On every answer. A page that needs more than nothing sets its own Content-Security-Policy. */
const securityHeaders: Readonly<Record<string, string>> = {
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
};

/** Adds to an answer the security headers that it does not have. */
export function secure(response: Response): Response {
  for (const [name, value] of Object.entries(securityHeaders))
    if (!response.headers.has(name)) response.headers.set(name, value);
  return response;
}

/** For whoever sends what is malformed: its rest may be meant for another request. */
export function closing(response: Response): Response {
  response.headers.set("Connection", "close");
  return response;
}
