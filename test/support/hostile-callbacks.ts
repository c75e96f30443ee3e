import { readdirSync, readFileSync } from "node:fs";
import { join, parse } from "node:path";

const folder = "test/fixtures/hostile/callbacks";

/** A well-signed body, and the status that it gets: 200 for what is well-formed, however odd. */
export type HostileBody = { readonly name: string; readonly status: number; readonly body: Buffer };

/** The corpus of small files: the name of each begins with its status. */
export function readHostileCallbacks(): HostileBody[] {
  return readdirSync(folder).map((file) => {
    const { name } = parse(file);
    return { name, status: Number(name.slice(0, 3)), body: readFileSync(join(folder, file)) };
  });
}

const event = "<MsgType>event</MsgType><Event>MASSSENDJOBFINISH</Event>";
const MEGABYTE = 1024 * 1024;

/** A result with whatever stands in it, for the msg_id. */
export function resultXml(msgId: string | number, more = "", status = "send success"): string {
  return `<xml>${event}<MsgID>${msgId}</MsgID><Status>${status}</Status>${more}</xml>`;
}

/** Those that live by their size: as large as a body may be, or larger. */
export function hugeCallbacks(): HostileBody[] {
  const fill = (piece: string, bytes = MEGABYTE - 400) => piece.repeat(Math.floor(bytes / piece.length));
  const table: [string, number, string][] = [
    ["100,000 levels", 400, resultXml(1, "<a>".repeat(100_000) + "</a>".repeat(100_000))],
    ["25 levels", 400, resultXml(1, "<a>".repeat(25) + "</a>".repeat(25))],
    ["100,000 nodes", 400, resultXml(1, fill("<a>x</a>"))],
    ["100,000 empty nodes", 400, resultXml(1, fill("<a/>"))],
    ["100,000 msg_ids", 400, `<xml>${event}${fill("<MsgID>1</MsgID>")}</xml>`],
    ["a huge attribute", 400, resultXml(1, `<a b="${fill("x")}"/>`)],
    ["many attributes", 400, resultXml(1, `<a ${fill('b="c" ')}/>`)],
    ["a huge name", 400, resultXml(1, `<${fill("a")}/>`)],
    ["sections left open", 400, resultXml(1, fill("<![CDATA["))],
    ["comments left open", 400, resultXml(1, fill("<!--"))],
    ["instructions", 400, resultXml(1, fill("<?a b?>"))],
    ["a MsgID of 10 kB", 400, resultXml("7".repeat(10_000))],
    ["an Event of a megabyte", 400, resultXml(1).replace("MASSSENDJOBFINISH", fill("MASS"))],
    ["a MsgType of a megabyte", 400, resultXml(1).replace("event", fill("event"))],
    ["a megabyte of entities", 200, resultXml(2_000_001, `<a>${fill("&lt;")}</a>`)],
    ["a megabyte in one section", 200, resultXml(2_000_002, `<a><![CDATA[${fill("]]")}]]></a>`)],
    ["a megabyte of spaces in the status", 200, resultXml(2_000_003, "", `send${fill(" ")}success`)],
    ["a megabyte of spaces around the MsgID", 200, resultXml(`${fill(" ")}2000004`)],
    ["a byte too many", 413, resultXml(1, "", "x".repeat(MEGABYTE))],
    ["20 MB", 413, "x".repeat(20 * MEGABYTE)],
  ];
  return table.map(([name, status, text]) => ({ name, status, body: Buffer.from(text) }));
}
