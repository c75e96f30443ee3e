import { codes, type ErrcodeTable, personCodes } from "./errcode-entry.ts";

/** Mass sends, their messages and their recipients (WECHAT.md section 4.2). */
export const massErrcodes: ErrcodeTable = {
  ...codes("already", { 45065: "This clientmsgid was accepted before" }),

  ...codes("doubt", {
    45066: "This clientmsgid was tried less than a minute ago",
    45085: "WeChat's speed server failed",
    9500001: "WeChat is busy (mass delete)",
    9500002: "WeChat has too many mass sends in hand",
  }),

  ...codes("day", { 45028: "The account has no mass sends left in this period" }),

  ...personCodes("admin", {
    89504: [
      "The send waits for an administrator's confirmation",
      "Let an administrator confirm it on their phone within 30 minutes.",
    ],
    89505: [
      "The send enters an administrator's confirmation",
      "Let an administrator confirm it on their phone within 30 minutes.",
    ],
  }),

  ...personCodes("content", {
    45062: ["The message is under an advertising agreement", "Send this message in WeChat's console."],
    45064: ["The message uses a mini program without permission", "Remove it, or link it to the account."],
    48008: ["The account may not send this type of message", "Choose another type, or request permission."],
    48021: ["The draft was only saved automatically", "Save the draft by hand in WeChat's console."],
  }),

  ...codes("recipients", {
    40003: "An OpenID is invalid",
    40031: "The list of OpenIDs is invalid",
    49003: "An OpenID belongs to another account",
  }),

  ...codes("message", {
    40008: "The message's body does not fit its msgtype",
    40193: "The recommendation text is too long",
    40194: "The recommendation text is illegal",
    40215: "The number of pictures is not allowed",
    41040: "The text does not meet the rule of an originality declaration",
    45052: "The message has an invalid type",
    45113: "Cards and products can no longer be sent",
    45161: "The video was not uploaded through the interface",
    45162: "The msgtype is invalid",
    48013: "The video does not come from the new interface",
    48014: "The video's audit is in a wrong state",
    48022: "A video uploaded through the interface may not be sent through it",
  }),

  ...codes("refused", {
    40032: "The list of OpenIDs is too long",
    40059: "There is no such msg_id",
    40060: "There is no such article of the message",
    40065: "The message's state does not allow this",
    40130: "The list has fewer than two OpenIDs",
    40132: "The WeChat id of a preview is invalid",
    40152: "There is no such tag",
    40204: "The message can't be deleted",
    43004: "The receiver does not follow the account",
    43019: "The receiver is on the blacklist",
    45067: "The clientmsgid is too long",
    45083: "The speed is not between 0 and 4",
    45084: "The speed is missing",
    46004: "The receiver does not exist",
    48002: "The receiver takes no messages",
    50005: "The receiver has unfollowed",
  }),
};
