import { z } from "zod";
import { prose } from "./message.ts";
import { plainly } from "./plain-issue.ts";

/**
 * The custom menu in WeChat's own words, with every limit of WECHAT.md section 8, so that one refusal names all
 * that is wrong. WeChat counts bytes of UTF-8.
 */

const TOP_NAME_BYTES = 16;
const SUB_NAME_BYTES = 60;
const DOMAINS = 3;

/** Text of 1 to `limit` bytes of UTF-8. */
function bytes(limit: number) {
  return prose
    .min(1, "expected some text")
    .refine(
      (text) => Buffer.byteLength(text) <= limit,
      `expected at most ${limit} bytes of UTF-8, of which a Chinese character takes 3`,
    );
}

const key = bytes(128);
const url = bytes(1024).refine((text) => URL.canParse(text), "expected an address");
// No page says how long a media_id of a menu may be: that of a draft has 128 characters at most.
const id = bytes(128);
const appid = bytes(128).refine((text) => text === text.toLowerCase(), "expected an appid in lower case");

/** What a button does, by its type: the ten classic ones, and those that came with mini programs and drafts. */
const deeds = {
  click: { key },
  view: { url },
  scancode_push: { key },
  scancode_waitmsg: { key },
  pic_sysphoto: { key },
  pic_photo_or_album: { key },
  pic_weixin: { key },
  location_select: { key },
  media_id: { media_id: id },
  view_limited: { media_id: id },
  miniprogram: { url, appid, pagepath: bytes(1024) },
  article_id: { article_id: id },
  article_view_limited: { article_id: id },
};

type Deeds = { [Type in keyof typeof deeds]: z.ZodObject<(typeof deeds)[Type]> };
type Deed = { [Type in keyof Deeds]: { type: Type } & z.infer<Deeds[Type]> }[keyof Deeds];

export type Leaf = { name: string } & Deed;
export type Button = Leaf | { name: string; sub_button: Leaf[] };

const typeNames = Object.keys(deeds) as [keyof Deeds, ...(keyof Deeds)[]];
const isType = (type: unknown): type is keyof Deeds => typeNames.some((name) => name === type);

/** What can be said of any button before its type is known. */
export const AnyButton = z.looseObject({
  name: z.string().min(1),
  type: z.enum(typeNames).optional().describe("None of a button with buttons below it."),
  sub_button: z.array(z.looseObject({})).max(5).optional().describe("The buttons below it."),
});

/** `menu/get` writes an empty sub_button into a button that has none. */
const noSubButtons = z.tuple([], "a button with a type has no sub_button").optional();

function leaf(nameBytes: number): z.ZodType<Leaf> {
  return judged((value) => {
    const type = "type" in value ? value.type : undefined;
    const name = bytes(nameBytes);
    if (!isType(type)) return z.looseObject({ name, type: z.enum(typeNames) });
    return z
      .strictObject({ name, type: z.literal(type), ...deeds[type], sub_button: noSubButtons })
      .transform(({ sub_button: _, ...button }) => button);
  });
}

const parent = z.strictObject({
  name: bytes(TOP_NAME_BYTES),
  type: z.undefined("a button with sub_button has no type").optional(),
  sub_button: z.array(leaf(SUB_NAME_BYTES)).max(5, "expected at most 5 buttons below one"),
});

const button: z.ZodType<Button> = judged((value) =>
  "sub_button" in value && Array.isArray(value.sub_button) && value.sub_button.length > 0
    ? parent
    : leaf(TOP_NAME_BYTES),
);

const buttons = z.array(button).min(1, "expected at least one button").max(3, "expected at most 3 buttons");

/** The menu for everybody. */
export const Menu = z.strictObject({ button: buttons });
export type Menu = z.infer<typeof Menu>;

const wholeNumber = z.union([z.int().nonnegative(), z.string().regex(/^\d+$/)], "expected a whole number");

/** sex, country, province, city, language and group_id are refused by WeChat since it knows them no more (65320). */
const MatchRule = z
  .strictObject({
    tag_id: wholeNumber.optional(),
    client_platform_type: z
      .union(
        [z.literal([1, 2, 3]), z.literal(["1", "2", "3"])],
        "expected 1 (iOS), 2 (Android) or 3 (others)",
      )
      .optional(),
  })
  .refine((rule) => Object.keys(rule).length > 0, "expected tag_id, client_platform_type or both")
  .meta({ minProperties: 1 });

/** A menu for some: the one added last is looked at first. */
export const ConditionalMenu = z
  .strictObject({ button: buttons, matchrule: MatchRule })
  .refine(({ button }) => domainsOf(button).size <= DOMAINS, {
    path: ["button"],
    message: `expected addresses of at most ${DOMAINS} domains`,
  });
export type ConditionalMenu = z.infer<typeof ConditionalMenu>;

/**
 * WeChat does not say what it calls a domain. Hosts that end alike are taken for one here, so that nothing is
 * refused that it might take: the others it refuses itself (65316).
 */
function domainsOf(menu: readonly Button[]): Set<string> {
  const leaves = menu.flatMap((one) => ("sub_button" in one ? one.sub_button : [one]));
  const hosts = leaves.flatMap((one) => (one.type === "view" ? [new URL(one.url).hostname] : []));
  return new Set(hosts.map((host) => host.split(".").slice(-2).join(".")));
}

/** A schema that depends on what it meets, so that only what belongs to that is called wrong. */
function judged<Value>(schemaFor: (value: object) => z.ZodType): z.ZodType<Value> {
  return z
    .looseObject({}, "expected a button")
    .meta({ like: [AnyButton] })
    .transform((value, context) => {
      const parsed = schemaFor(value).safeParse(value, { error: plainly });
      if (parsed.success) return parsed.data as Value;
      context.issues.push(
        ...parsed.error.issues.map((issue) => ({ ...issue, input: value }) as z.core.$ZodRawIssue),
      );
      return z.NEVER;
    });
}
