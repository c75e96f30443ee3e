import { describe, expect, test } from "vitest";
import { Message, PreviewMessage } from "../../src/campaign/message.ts";

const media = { media_id: "MEDIA" };
const good: Record<string, object> = {
  text: { msgtype: "text", text: { content: "Hello" } },
  mpnews: { msgtype: "mpnews", mpnews: media },
  voice: { msgtype: "voice", voice: media },
  "one image": { msgtype: "image", image: media },
  "several images": {
    msgtype: "image",
    images: {
      media_ids: ["A", "B"],
      recommend: "look",
      title: "t",
      need_open_comment: 1,
      only_fans_can_comment: 0,
    },
  },
  mpvideo: { msgtype: "mpvideo", mpvideo: { ...media, title: "t", description: "d" } },
};
const card = { msgtype: "wxcard", wxcard: { card_id: "CARD", card_ext: "{}" } };
const song = { msgtype: "music", music: media };
const pathsOf = (data: unknown) =>
  Message.safeParse(data).error?.issues.map(({ path }) => path.join(".")) ?? [];

describe("a message goes through as WeChat takes it", () => {
  test.each(Object.entries(good))("%s", (_name, message) => {
    expect(Message.parse(message)).toEqual(message);
  });
});

describe("a video is taken by either of its two names, and is mpvideo from then on", () => {
  const film = { ...media, title: "t", description: "d" };
  test.each([
    { msgtype: "video", video: film },
    { msgtype: "video", mpvideo: film },
    { msgtype: "mpvideo", video: film },
    { msgtype: "mpvideo", mpvideo: film },
  ])("%j", (message) => {
    const stored = { msgtype: "mpvideo", mpvideo: film };
    expect(Message.parse(message)).toEqual(stored);
    expect(PreviewMessage.parse(message)).toEqual(stored);
    expect(Message.parse(stored)).toEqual(stored);
  });
});

describe("what WeChat only previews", () => {
  test("is refused in a campaign with the reason", () => {
    const reasonOf = (data: unknown) => Message.safeParse(data).error?.issues.map(({ message }) => message);
    expect(reasonOf(card)).toEqual(["WeChat sends no cards any more (45113)"]);
    expect(reasonOf(song)).toEqual(["WeChat previews music, but has no mass message for it"]);
  });

  test("is taken in a preview, which shows a single picture only", () => {
    expect(PreviewMessage.parse(card)).toEqual(card);
    expect(PreviewMessage.parse(song)).toEqual(song);
    expect(PreviewMessage.parse(good["one image"])).toEqual(good["one image"]);
    expect(PreviewMessage.safeParse(good["several images"]).success).toBe(false);
    expect(PreviewMessage.safeParse({ msgtype: "wxcard", wxcard: {} }).success).toBe(false);
  });
});

describe("a body that does not belong to its msgtype is refused", () => {
  const bodies = Object.entries(good);
  const pairs = bodies.flatMap(([name, one]) =>
    bodies
      .filter(([, other]) => "msgtype" in one && "msgtype" in other && one.msgtype !== other.msgtype)
      .map(([otherName, other]) => [name, otherName, { ...other, ...pick(one, "msgtype") }] as const),
  );
  test.each(pairs)("msgtype of %s, body of %s", (_name, _other, message) => {
    expect(Message.safeParse(message).success).toBe(false);
  });
});

function pick(from: object, field: string): object {
  return Object.fromEntries(Object.entries(from).filter(([name]) => name === field));
}

describe("what is wrong is named", () => {
  test.each<[string, unknown, string[]]>([
    ["an unknown msgtype", { msgtype: "film", film: media }, ["msgtype"]],
    ["a card", card, ["msgtype"]],
    ["music", song, ["msgtype"]],
    ["no msgtype", { text: { content: "Hello" } }, ["msgtype"]],
    ["no body", { msgtype: "text" }, ["text"]],
    ["an empty text", { msgtype: "text", text: { content: "" } }, ["text.content"]],
    ["a text that is no string", { msgtype: "text", text: { content: 5 } }, ["text.content"]],
    ["an empty media_id", { msgtype: "voice", voice: { media_id: "" } }, ["voice.media_id"]],
    ["an unknown field in the body", { msgtype: "mpnews", mpnews: { ...media, x: 1 } }, ["mpnews"]],
    ["an unknown field beside it", { ...good.text, x: 1 }, [""]],
    ["image and images", { msgtype: "image", image: media, images: { media_ids: ["A"] } }, [""]],
    ["neither image nor images", { msgtype: "image" }, [""]],
    ["images without one", { msgtype: "image", images: { media_ids: [] } }, ["images.media_ids"]],
    [
      "a flag that is no flag",
      { msgtype: "image", images: { media_ids: ["A"], need_open_comment: true } },
      ["images.need_open_comment"],
    ],
    [
      "a video's title that is no string",
      { msgtype: "mpvideo", mpvideo: { ...media, title: 1 } },
      ["mpvideo.title"],
    ],
    ["a video without its object", { msgtype: "mpvideo" }, ["mpvideo"]],
    ["a video with two objects", { msgtype: "video", video: media, mpvideo: media }, ["video"]],
  ])("%s", (_name, message, paths) => {
    expect(pathsOf(message)).toEqual(paths);
  });
});

test.each([["a\u0000b"], ["a\u001bb"], ["a\u0085b"], ["half \ud83d"], ["\udc00"]])(
  "text that only a JSON escape can carry is refused: %j",
  (content) => {
    expect(pathsOf({ msgtype: "text", text: { content } })).toEqual(["text.content"]);
  },
);

test("line breaks, tabs, emoji and Chinese are text", () => {
  expect(pathsOf({ msgtype: "text", text: { content: "第一行\n第二行\t🎉" } })).toEqual([]);
});
