import { XMLParser } from "fast-xml-parser";
import { Failure } from "../failure.ts";

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
    if (hasDeclaration(text)) throw new Failure("BAD_CALLBACK", "The XML holds a declaration.");
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
 * Whether `<!` stands anywhere but at a CDATA section or a comment, one left open included. Walked by hand,
 * since a regular expression over sections that never end takes quadratic time.
 */
function hasDeclaration(text: string): boolean {
  for (let at = text.indexOf("<!"); at !== -1; at = text.indexOf("<!", at)) {
    const end = text.startsWith("<![CDATA[", at) ? "]]>" : text.startsWith("<!--", at) ? "-->" : undefined;
    const endAt = end === undefined ? -1 : text.indexOf(end, at + 4);
    if (end === undefined || endAt === -1) return true;
    at = endAt + end.length;
  }
  return false;
}
