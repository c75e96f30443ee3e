import { createHash } from "node:crypto";
import type { Body } from "./body.ts";

const mostRequests = 200;
const shownFields = [
  "msgtype",
  "clientmsgid",
  "msg_id",
  "grant_type",
  "force_refresh",
  "send_ignore_reprint",
];

type Seen = {
  method: string;
  path: string;
  account: string | undefined;
  fault: string | undefined;
  /** Undefined when the call never took effect. */
  errcode: number | undefined;
};
type Entry = Seen & { at: string; bytes: number; bodyDigest: string | undefined; body?: object };

export type Requests = ReturnType<typeof createRequests>;

/** The last calls of the WeChat API, for a person who wonders what a client really said. Without secrets. */
export function createRequests() {
  const requests: Entry[] = [];
  return {
    add(request: Seen & { at: number; bytes: Uint8Array; body: Body }): void {
      const { at, bytes, body, ...rest } = request;
      const bodyDigest = bytes.length === 0 ? undefined : createHash("sha256").update(bytes).digest("hex");
      requests.push({
        at: new Date(at).toISOString(),
        ...rest,
        bytes: bytes.length,
        bodyDigest,
        ...parts(body),
      });
      if (requests.length > mostRequests) requests.shift();
    },
    list: (): readonly Entry[] => requests,
  };
}

function parts(body: Body): { body?: object } {
  if (!body.ok) return {};
  const shown = Object.entries(body.value).filter(([name]) => shownFields.includes(name));
  const { touser } = body.value;
  return {
    body: { ...Object.fromEntries(shown), ...(Array.isArray(touser) ? { touser: touser.length } : {}) },
  };
}
