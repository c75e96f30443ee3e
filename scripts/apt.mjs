import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

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

/**
 * Takes one file out of a package of Debian or Ubuntu and puts it at `to`; installs nothing, and so starts no
 * service. Throws with a message where it can't.
 *
 * @param {string} name @param {string} file its path in the package, from the root @param {string} to
 */
export function takeFromPackage(name, file, to) {
  mkdirSync(dirname(to), { recursive: true });
  const cwd = mkdtempSync(`${to}-`);
  try {
    const download = ["download", "-qq", name];
    if (!runs("apt-get", download, cwd)) {
      const [command, ...prefix] = aptAsRoot();
      need(command, [...prefix, "update", "-qq"]);
      need("apt-get", download, cwd);
    }
    const unpack = 'dpkg-deb --fsys-tarfile "$1" | tar -x -f - ".$2"';
    need("sh", ["-c", unpack, "sh", ...readdirSync(cwd), file], cwd);
    renameSync(join(cwd, file), to);
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

export const hasApt = () => process.platform === "linux" && runs("apt-get", ["--version"]);

/** @returns {[string, ...string[]]} */
function aptAsRoot() {
  const apt = ["DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=120"];
  if (process.getuid?.() === 0) return ["env", ...apt];
  if (runs("sudo", ["-n", "true"])) return ["sudo", "-n", "env", ...apt];
  throw new Error("apt-get needs root, or a sudo that asks for no password.");
}

/** @param {string} command @param {string[]} args @param {string} [cwd] */
export function runs(command, args, cwd) {
  return spawnSync(command, args, { stdio: "ignore", cwd }).status === 0;
}

/** @param {string} command @param {string[]} args @param {string} [cwd] */
export function need(command, args, cwd) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", cwd });
  if (status === 0) return;
  throw new Error(
    `${[command, ...args].join(" ")} failed:\n${error?.message ?? `${stdout}${stderr}`.trim()}`,
  );
}
