import type { Trouble } from "./batch.ts";

/** Why something waits or ended: `errcode` and `rid` are null where WeChat did not speak. */
export function viewTrouble(trouble: Trouble | undefined) {
  if (!trouble) return null;
  const { code, errcode = null, message, rid = null, remedy } = trouble;
  return { code, errcode, message, rid, ...(remedy && { remedy }) };
}
