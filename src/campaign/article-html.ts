import { type DefaultTreeAdapterTypes, parseFragment } from "parse5";
import { type MediaSource, readAddress } from "./media-source.ts";

/** A picture of an article. `number` counts from 1, `source` is undefined where its address is none of ours. */
export type Picture = {
  readonly number: number;
  /** As it stands in the HTML, entities decoded, spaces around it gone; "" when there is none. */
  readonly address: string;
  readonly source: MediaSource | "wechat" | undefined;
};

type Place = { readonly startOffset: number; readonly endOffset: number };
type Edit = Place & { readonly text: string };
type Found = Picture & { readonly places: Readonly<Record<string, Place>> };
type Node = DefaultTreeAdapterTypes.ChildNode | DefaultTreeAdapterTypes.DocumentFragment;

/** Pictures that WeChat keeps itself: an article may show them as they are (WECHAT.md section 2.1, uploadimg). */
const WECHAT_HOSTS = ["mmbiz.qpic.cn", "mmbiz.qlogo.cn"];

/**
 * The pictures of an article in their order: what a browser takes for an `<img>`, so none in comments or text.
 * Its address is `data-src` where that stands, for then `src` is the placeholder of a page that loads late, else
 * `src`. Pictures of style sheets are no `<img>`; WeChat filters foreign ones.
 */
export function picturesIn(html: string): readonly Picture[] {
  return find(html).pictures;
}

/**
 * The article with new addresses: each picture that `addressOf` knows gets it as its `src`, a `data-src` beside it
 * goes, and every `srcset` too. All else stays as it is, byte for byte.
 */
export function replacePictures(html: string, addressOf: (picture: Picture) => string | undefined): string {
  const { pictures, srcsets } = find(html);
  const edits = pictures.flatMap((picture): Edit[] => {
    const address = addressOf(picture);
    const { src, "data-src": late } = picture.places;
    const first = src ?? late;
    if (address === undefined || !first) return [];
    const escaped = address.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
    return [{ ...first, text: `src="${escaped}"` }, ...(src && late ? [{ ...late, text: "" }] : [])];
  });
  const all = [...edits, ...srcsets.map((place) => ({ ...place, text: "" }))];
  let [text, at] = ["", 0];
  for (const edit of all.sort((one, other) => one.startOffset - other.startOffset)) {
    text += html.slice(at, edit.startOffset) + edit.text;
    at = edit.endOffset;
  }
  return text + html.slice(at);
}

/** Not by recursion: HTML may be nested as deep as it is long. */
function find(html: string): { pictures: Found[]; srcsets: Place[] } {
  const pictures: Found[] = [];
  const srcsets: Place[] = [];
  // Without scripting, as in a reader of an article: what <noscript> holds is shown.
  const settings = { sourceCodeLocationInfo: true, scriptingEnabled: false };
  const open: Node[] = [parseFragment(html, settings)];
  for (let node = open.pop(); node; node = open.pop()) {
    if ("childNodes" in node) open.push(...node.childNodes.toReversed());
    if ("content" in node) open.push(node.content);
    if (!("attrs" in node) || (node.tagName !== "img" && node.tagName !== "source")) continue;
    const places = node.sourceCodeLocation?.attrs ?? {};
    if (places.srcset) srcsets.push(places.srcset);
    if (node.tagName === "source") continue;
    const value = (name: string) => node.attrs.find((attribute) => attribute.name === name)?.value.trim();
    const address = value("data-src") || value("src") || "";
    pictures.push({ number: 0, address, source: sourceOf(address), places });
  }
  const inOrder = pictures.sort((one, other) => startOf(one) - startOf(other));
  return { pictures: inOrder.map((picture, index) => ({ ...picture, number: index + 1 })), srcsets };
}

/** A parser moves what stands where it may not, such as a picture right in a table: the text's order counts. */
function startOf({ places }: Found): number {
  return Math.min(...Object.values(places).map(({ startOffset }) => startOffset));
}

function sourceOf(address: string): Picture["source"] {
  const whole = address.startsWith("//") ? `https:${address}` : address;
  const isWechats = URL.canParse(whole) && WECHAT_HOSTS.includes(new URL(whole).hostname);
  return isWechats ? "wechat" : readAddress(whole);
}
