import { isObject } from "./body.ts";
import type { Media } from "./media.ts";

/** The codes of a top button and of one below it (WECHAT.md sections 4.4 and 8). */
const levels = {
  top: { name: 40018, nameBytes: 16, type: 40017, key: 40019, url: 40020, media: 40117 },
  sub: { name: 40025, nameBytes: 60, type: 40024, key: 40026, url: 40027, media: 40118 },
} as const;
type Level = (typeof levels)[keyof typeof levels];

const mostTop = 3;
const mostSub = 5;
const keyBytes = 128;
const urlBytes = 1024;
const mediaIdBytes = 128;
const mostDomains = 3;

const needed: Readonly<Record<string, "key" | "url" | "media" | "article" | "program">> = {
  click: "key",
  view: "url",
  scancode_push: "key",
  scancode_waitmsg: "key",
  pic_sysphoto: "key",
  pic_photo_or_album: "key",
  pic_weixin: "key",
  location_select: "key",
  media_id: "media",
  view_limited: "media",
  miniprogram: "program",
  article_id: "article",
  article_view_limited: "article",
};

export type Button = Readonly<Record<string, unknown>>;

/** The code to refuse the `button` list of a menu with, if any. Lengths are bytes of UTF-8. */
export function checkButtons(buttons: unknown, media: Media): number | undefined {
  if (!Array.isArray(buttons) || buttons.length < 1 || buttons.length > mostTop) return 40016;
  return firstOf(buttons, (button) => {
    if (!isObject(button)) return 40016;
    const below = button.sub_button;
    if (!Array.isArray(below) || below.length === 0) return checkButton(button, levels.top, media);
    if (below.length > mostSub) return 40023;
    return checkName(button, levels.top) ?? firstOf(below, (sub) => checkBelow(sub, media));
  });
}

function checkBelow(button: unknown, media: Media): number | undefined {
  if (!isObject(button)) return 40023;
  if (Array.isArray(button.sub_button) && button.sub_button.length > 0) return 40022;
  return checkButton(button, levels.sub, media);
}

function checkButton(button: Button, level: Level, media: Media): number | undefined {
  return checkName(button, level) ?? checkDeed(button, level, media);
}

function checkName({ name }: Button, level: Level): number | undefined {
  return isText(name, level.nameBytes) ? undefined : level.name;
}

/** What a button does, and whether it has what it needs for that. */
function checkDeed(button: Button, level: Level, media: Media): number | undefined {
  const { type, key, url, media_id: mediaId, article_id: articleId, appid, pagepath } = button;
  const need = typeof type === "string" && Object.hasOwn(needed, type) ? needed[type] : undefined;
  switch (need) {
    case undefined:
      return level.type;
    case "key":
      return isText(key, keyBytes) ? undefined : level.key;
    case "url":
      return isUrl(url) ? undefined : level.url;
    case "article":
      return isText(articleId, mediaIdBytes) ? undefined : 53600;
    case "media": {
      if (!isText(mediaId, mediaIdBytes)) return level.media;
      if (type === "view_limited" && media.find(mediaId)?.type === "voice") return 40121;
      return media.accepts(mediaId, ["image", "voice", "video", "news"]) ? undefined : 40007;
    }
    case "program":
      // The page has appids in lower case only, by a note of 2025.
      if (!isUrl(url)) return level.url;
      return isText(pagepath, urlBytes) && typeof appid === "string" && /^wx[0-9a-z]+$/.test(appid)
        ? undefined
        : 47003;
  }
}

/** A conditional menu leads to three hosts at most. */
export function hasTooManyDomains(buttons: readonly unknown[]): boolean {
  const hosts = allButtons(buttons)
    .map(({ url }) => (isUrl(url) ? new URL(url).hostname : undefined))
    .filter((host) => host !== undefined);
  return new Set(hosts).size > mostDomains;
}

/** Every button, with those below the others. */
export function allButtons(buttons: readonly unknown[]): Button[] {
  return buttons
    .filter(isObject)
    .flatMap((button) => [button, ...(Array.isArray(button.sub_button) ? button.sub_button : [])])
    .filter(isObject);
}

function firstOf<T>(list: readonly T[], check: (one: T) => number | undefined): number | undefined {
  for (const one of list) {
    const errcode = check(one);
    if (errcode !== undefined) return errcode;
  }
  return undefined;
}

function isText(text: unknown, mostBytes: number): text is string {
  return typeof text === "string" && text !== "" && Buffer.byteLength(text) <= mostBytes;
}

function isUrl(text: unknown): text is string {
  return isText(text, urlBytes) && /^https?:\/\//.test(text) && URL.canParse(text);
}
