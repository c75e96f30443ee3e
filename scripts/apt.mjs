import { spawnSync } from "node:child_process";

/**
 * Installs a package of Debian or Ubuntu, as root or through sudo when that asks for no password; waits for
 * another apt to finish. Throws with a message where there is no apt, or it can't.
 *
 * @param {string} name
 */
export function installWithApt(name) {
  const [command, ...prefix] = aptAsRoot();
  const install = [...prefix, "install", "-qq", "-y", "--no-install-recommends", name];
  // The package lists of a fresh machine are empty, those of an old one name files that are gone.
  if (runs(command, install)) return;
  need(command, [...prefix, "update", "-qq"]);
  need(command, install);
}

export const hasApt = () => process.platform === "linux" && runs("apt-get", ["--version"]);

/** @returns {[string, ...string[]]} */
function aptAsRoot() {
  const apt = ["DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=120"];
  if (process.getuid?.() === 0) return ["env", ...apt];
  if (runs("sudo", ["-n", "true"])) return ["sudo", "-n", "env", ...apt];
  throw new Error("apt-get needs root, or a sudo that asks for no password.");
}

/** @param {string} command @param {string[]} args */
export function runs(command, args) {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

/** @param {string} command @param {string[]} args */
export function need(command, args) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status === 0) return;
  throw new Error(
    `${[command, ...args].join(" ")} failed:\n${error?.message ?? `${stdout}${stderr}`.trim()}`,
  );
}
