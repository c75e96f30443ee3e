import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder of package.json: these scripts run from scripts/ and, compiled, from dist/scripts/. */
export const projectRoot = above(import.meta.dirname);

/** @param {string} folder @returns {string} */
function above(folder) {
  return existsSync(join(folder, "package.json")) ? folder : above(dirname(folder));
}
