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

const allowed = new Set(["touser", "filter", "msgtype", "send_ignore_reprint", "clientmsgid"]);

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
  const { touser, filter } = json;
  if (filter !== undefined) broken("40008: a filter in mass/send");
  const people: unknown[] = Array.isArray(touser) ? touser : [];
  if (!Array.isArray(touser)) broken("40031: touser is not a list");
  if (people.length < 2) broken(`40130: ${people.length} people in touser`);
  if (people.length > 10_000) broken(`40032: ${people.length} people in touser`);
  if (!people.every((one) => typeof one === "string" && /^[A-Za-z0-9_-]{20,64}$/.test(one)))
    broken("40003: somebody in touser is no OpenID");
  if (new Set(people).size !== people.length) broken("40031: somebody is in touser twice");
  return { touser: people as string[], ...readMessage(json, broken) };
}

/**
 * Every rule of mass/sendall at once (section 2.2). `membersOf` knows who has a tag, or all for undefined; it
 * answers nobody for a tag that is not there.
 */
export function readSendAllBody(
  json: Record<string, unknown>,
  membersOf: (tagId: number | undefined) => readonly string[] | undefined,
  broken: (rule: string) => void,
): SendBody {
  const { touser, filter } = json;
  if (touser !== undefined) broken("40008: touser in mass/sendall");
  const given = typeof filter === "object" && filter !== null ? (filter as Record<string, unknown>) : {};
  const { is_to_all: toAll, tag_id: tagId, ...others } = given;
  if (typeof toAll !== "boolean") broken("40008: is_to_all is no boolean");
  if (toAll === true && tagId !== undefined) broken("a tag_id beside is_to_all");
  if (toAll === false && typeof tagId !== "number") broken("40008: tag_id is no number");
  if (Object.keys(others).length > 0) broken(`40008: ${Object.keys(others).join()} in the filter`);
  const members = membersOf(toAll === true ? undefined : Number(tagId));
  if (!members) broken("40152: there is no such tag");
  return { touser: members ?? [], ...readMessage(json, broken) };
}

function readMessage(
  json: Record<string, unknown>,
  broken: (rule: string) => void,
): Omit<SendBody, "touser"> {
  const { msgtype, clientmsgid, send_ignore_reprint: reprint } = json;
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
    msgtype: type,
    clientmsgid: String(clientmsgid),
    message: JSON.stringify(json[own[0] ?? ""]),
  };
}
