import { createHash } from "node:crypto";

/** A digest of JSON data that does not depend on the order of fields: tells whether two bodies are one. */
export function digestOf(data: unknown): string {
  const ordered = JSON.stringify(data, (_key, value: unknown) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash("sha256")
    .update(ordered ?? "")
    .digest("hex");
}
