import { randomBytes } from "node:crypto";

/** A name for `createKeys`, in place of `qunfa`, that no other test has: tests share one Redis and never flush it. */
export function randomPrefix(): string {
  return `qunfa-${randomBytes(6).toString("hex")}`;
}
