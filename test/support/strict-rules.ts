/**
 * What WECHAT.md asks of a request, checked on its raw bytes. A rule that is broken is a line of text:
 * {@link openStrictWechat} keeps it for the test, and refuses the call.
 */

export type SendBody = {
  readonly touser: readonly string[];
  readonly msgtype: string;
  readonly clientmsgid: string;
  readonly message: string;
};

/** The objects that a msgtype may have beside it (WECHAT.md section 2.2). */
const bodies: Record<string, readonly string[]> = {
  text: ["text"],
  mpnews: ["mpnews"],
  voice: ["voice"],
  image: ["image", "images"],
  mpvideo: ["mpvideo"],
};

const allowed = new Set(["touser", "msgtype", "send_ignore_reprint", "clientmsgid"]);

/** POST, a body of raw UTF-8 without escapes for what UTF-8 can say, one JSON object. */
export function readJson(
  method: string | undefined,
  raw: Buffer,
  broken: (rule: string) => void,
): Record<string, unknown> {
  if (method !== "POST") broken(`43002: ${method} where POST is asked for`);
  if (raw.length === 0) broken("44002: empty body");
  let text = "";
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    broken("40033: the body is not UTF-8");
  }
  if (text.startsWith("\uFEFF")) broken("47001: the body has a byte order mark");
  if (/\\u[0-9a-f]{4}/i.test(text)) broken("40033: the body has \\uxxxx escapes");
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {}
  broken("47001: the body is not a JSON object");
  return {};
}

/** Every rule of mass/send at once (WECHAT.md sections 2.3 and 3). */
export function readSendBody(json: Record<string, unknown>, broken: (rule: string) => void): SendBody {
  const { touser, msgtype, clientmsgid, send_ignore_reprint: reprint } = json;
  const people: unknown[] = Array.isArray(touser) ? touser : [];
  if (!Array.isArray(touser)) broken("40031: touser is not a list");
  if (people.length < 2) broken(`40130: ${people.length} people in touser`);
  if (people.length > 10_000) broken(`40032: ${people.length} people in touser`);
  if (!people.every((one) => typeof one === "string" && /^[A-Za-z0-9_-]{20,64}$/.test(one)))
    broken("40003: somebody in touser is no OpenID");
  if (new Set(people).size !== people.length) broken("40031: somebody is in touser twice");

  const type = typeof msgtype === "string" ? msgtype : "";
  const own = Object.keys(json).filter((key) => !allowed.has(key));
  if (!bodies[type]) broken(`45162: msgtype ${type}`);
  if (own.length !== 1 || !bodies[type]?.includes(own[0] ?? ""))
    broken(`40008: ${own.join()} beside msgtype ${type}`);
  if (reprint !== undefined && reprint !== 0 && reprint !== 1)
    broken("47003: send_ignore_reprint is neither 0 nor 1");

  if (typeof clientmsgid !== "string" || clientmsgid === "") broken("no clientmsgid");
  else if (Buffer.byteLength(clientmsgid) > 32) broken("45067: clientmsgid is longer than 32 bytes");
  else if (!/^[\x21-\x7e]+$/.test(clientmsgid)) broken("clientmsgid is not ASCII");
  return {
    touser: people as string[],
    msgtype: type,
    clientmsgid: String(clientmsgid),
    message: JSON.stringify(json[own[0] ?? ""]),
  };
}
