import { codes, type ErrcodeTable, personCodes } from "./errcode-entry.ts";

/** Media, drafts, publishing and comments (WECHAT.md section 4.3). */
export const materialErrcodes: ErrcodeTable = {
  // A refusal, but one that passes: asked again later, as after a busy answer.
  ...codes("doubt", { 46007: "The media is still being transcoded" }),

  ...codes("minute", { 53501: "Publishing is asked for too often" }),

  ...personCodes("account", {
    53500: ["The account is banned from publishing", "Settle the violation in WeChat's console."],
  }),

  ...personCodes("content", {
    53404: ["The account's commerce is limited", "Remove the product, or settle the limit in the console."],
    53503: ["The draft failed WeChat's check", "Correct the draft in WeChat's console."],
    53504: ["The draft can only be sent in the console", "Send this draft in WeChat's console."],
    53505: ["The draft must be saved by hand first", "Save the draft by hand in WeChat's console."],
  }),

  ...codes("message", {
    40004: "The media type is invalid",
    40005: "The file type is invalid",
    40006: "The file's size is invalid",
    40007: "The media_id is unknown, expired, another account's or a draft already used up",
    40009: "The picture's size is invalid",
    40010: "The voice file's size is invalid",
    40011: "The video's size is invalid",
    40012: "The thumbnail's size is invalid",
    40113: "The file type is not supported",
    40118: "The media_id has a wrong length",
    40121: "The media type is not allowed",
    40128: "The media must come from add_material",
    40137: "The picture's format is not supported",
    40155: "The article links to another account's home page",
    40192: "The author is invalid",
    40213: "The article has an illegal link tag",
    40214: "The article has an illegal text",
    41005: "The media's data is missing",
    41006: "The media_id is missing",
    41039: "The article's source link is invalid",
    44001: "The media file is empty",
    44003: "The article is empty",
    44004: "The text is empty",
    45001: "The media is too large",
    45002: "The content is too long",
    45003: "The title is too long",
    45004: "The description is too long",
    45005: "A link is too long",
    45006: "A picture's link is too long",
    45007: "The voice or video is too long",
    45008: "The message has too many articles",
    45020: "There are too many pictures",
    45034: "There are too many media files",
    45068: "The file's size is not allowed",
    45074: "The list of materials is too long",
    45110: "The author is too long",
    45166: "The article's content is invalid",
    46001: "The media's data does not exist",
    53405: "The product's data is wrong",
    53406: "The account has not opened commerce",
  }),

  ...codes("refused", {
    40114: "There is no such article of the draft",
    41009: "The OpenID is missing",
    44005: "The list is empty",
    48015: "The account has no right to comments",
    53502: "There is no such publish_id",
    53600: "There is no such article_id",
    87009: "The signature is invalid",
  }),
  ...codes(
    "refused",
    Object.fromEntries(Array.from({ length: 11 }, (_, n) => [88000 + n, "The comment call is refused"])),
  ),
};
