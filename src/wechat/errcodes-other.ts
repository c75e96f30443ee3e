import { codes, type ErrcodeTable } from "./errcode-entry.ts";

const span = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

/** A run of codes that WECHAT.md gives one meaning. */
const alike = (list: readonly number[], meaning: string) =>
  Object.fromEntries(list.map((code) => [code, meaning]));

/** Tags, users, groups, menus, QR codes and statistics: none of them is a mass send's (WECHAT.md section 4.4). */
export const otherErrcodes: ErrcodeTable = {
  ...codes("doubt", {
    45169: "The same user's tags are being changed",
    61503: "The statistics are not ready yet",
  }),

  ...codes("refused", {
    40050: "There is no such group",
    40051: "The group's name is invalid",
    40052: "The action_name is invalid",
    40053: "The action_info is invalid",
    40092: "The remark is invalid",
    40117: "The group's name or the button's media_id is invalid",
    45010: "The menu has too many entries",
    45015: "The time to reply to this user is over",
    45016: "A system group can't be changed",
    45017: "The group's name is too long",
    45018: "There are too many groups",
    45019: "There are too many OpenIDs",
    45029: "There are too many QR codes",
    45047: "Too many customer-service messages went to this user",
    45056: "There are more than 100 tags",
    45057: "The tag has more than 100,000 followers",
    45058: "A system tag can't be changed",
    45059: "The user has more than 20 tags",
    45157: "The tag's name is taken or invalid",
    45158: "The tag's name is too long",
    45159: "There is no such tag",
    45171: "Some of the OpenIDs failed",
    46002: "There is no such menu version",
    46003: "There is no menu",
    61500: "The date is malformed",
    61501: "The range of dates is not allowed",
    65301: "There is no such menuid",
    65303: "There is no default menu",
    65304: "The match rule is empty",
    65305: "There are too many conditional menus",
    65306: "The account can't have conditional menus",
    65307: "The conditional menu is empty",
    65308: "A button has no response",
    65309: "Conditional menus are switched off",
    65316: "The menu leads to more than 3 domains",
    65317: "A link is invalid",
    65320: "The match rule uses a field that is no longer allowed",
    9410010: "The long data is over 4 KB",
    9410011: "The expiry is over 30 days",
    9410012: "There is no such short key",
    ...alike([...span(40015, 40028), 40054, 40055, 40119, 40120], "The menu's structure is invalid"),
    ...alike(span(65310, 65314), "The match rule's place is invalid"),
  }),
};
