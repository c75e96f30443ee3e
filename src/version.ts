import { existsSync, readFileSync } from "node:fs";

/** The version in package.json, which lies above src/, and above dist/ where it is built. */
export function readVersion(): string {
  const places = ["../package.json", "../../package.json"].map((path) => new URL(path, import.meta.url));
  const place = places.find((url) => existsSync(url));
  if (!place) throw new Error("package.json is missing");
  return String((JSON.parse(readFileSync(place, "utf8")) as { version: unknown }).version);
}
