import { createHash } from "node:crypto";
import { jsonText } from "./json-text.ts";

/** A digest of JSON data that does not depend on the order of fields: tells whether two bodies are one. */
export function digestOf(data: unknown): string {
  const digest = createHash("sha256");
  for (const piece of jsonText(data)) digest.update(piece);
  return digest.digest("hex");
}
