/**
 * Imported first by setup.mjs, for its effect: what is imported after it may use what only a Node that
 * is new enough has. The version is that of "engines" in package.json.
 */
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`qunfa needs Node 20.19 or newer; this is ${process.version} (${process.execPath}).`);
  process.exit(1);
}
