import { XMLParser } from "fast-xml-parser";
import { Failure } from "../failure.ts";

/** Far above any push of WeChat's. A megabyte of nothing but tags would keep the process busy for half a second. */
const TAGS_MAX = 5_000;
const TAG_CHARACTERS_MAX = 1_000;

/** A node with children: texts, nodes, or a list where a name is repeated. */
export type Xml = { readonly [name: string]: unknown };

/**
 * Reads the `<xml>` of a callback. Every text stays a string, and nothing is expanded: WeChat puts strings
 * into CDATA and declares no entities, so a declaration such as a DOCTYPE is an attack and is refused.
 *
 * The reader throws Failure BAD_CALLBACK for anything that is not well-formed.
 */
export function createXmlReader() {
  const parser = new XMLParser({
    ignoreAttributes: true,
    parseTagValue: false,
    processEntities: false,
    maxNestedTags: 20,
  });

  return (text: string): Xml => {
    checkTags(text);
    let root: unknown;
    try {
      root = (parser.parse(text, true) as Xml).xml;
    } catch (cause) {
      // The parser's own message may quote the text, and with it an OpenID.
      throw new Failure("BAD_CALLBACK", "The XML is not well-formed.", {
        details: { parser: cause instanceof Error ? cause.name : typeof cause },
      });
    }
    if (typeof root !== "object" || root === null || Array.isArray(root)) {
      throw new Failure("BAD_CALLBACK", "The body is not one <xml> node.");
    }
    return root as Xml;
  };
}

/**
 * Refuses `<!` anywhere but at a CDATA section or a comment, one left open included, and more or longer tags
 * than a callback has. Walked by hand, since a regular expression over sections that never end takes
 * quadratic time.
 *
 * @throws Failure BAD_CALLBACK
 */
function checkTags(text: string): void {
  let tags = 0;
  for (let at = text.indexOf("<"); at !== -1; at = text.indexOf("<", at)) {
    const section = text.startsWith("<![CDATA[", at)
      ? "]]>"
      : text.startsWith("<!--", at)
        ? "-->"
        : undefined;
    if (section === undefined && text.startsWith("<!", at)) throw refusal("holds a declaration");
    const end = section ?? ">";
    const endAt = text.indexOf(end, at + 4 * Number(section !== undefined));
    if (endAt === -1) throw refusal("is not well-formed");
    if (section === undefined && (endAt - at > TAG_CHARACTERS_MAX || text.lastIndexOf("<", endAt) !== at))
      throw refusal("has a tag that is none");
    tags += 1;
    if (tags > TAGS_MAX) throw refusal("has too many tags");
    at = endAt + end.length;
  }
}

function refusal(what: string): Failure {
  return new Failure("BAD_CALLBACK", `The XML ${what}.`);
}
