import { z } from "zod";
import { looksLikeOpenid } from "./followers.ts";
import type { Media, MediumType } from "./media.ts";

const maxClientmsgidBytes = 32;
const maxImages = 20;
const keptCharacters = 100;

const Medium = z.looseObject({ media_id: z.string() });
const Images = z.looseObject({ media_ids: z.array(z.string()).min(1) });
const Text = z.looseObject({ content: z.string() });

// WECHAT.md sections 2.2 and 2.3. The pages disagree about videos, so both names do for both; a picture
// comes as the present `images` or the older `image`.
const bodies: Readonly<Record<string, Readonly<Record<string, z.ZodType<object>>>>> = {
  text: { text: Text },
  mpnews: { mpnews: Medium },
  voice: { voice: Medium },
  image: { images: Images, image: Medium },
  mpvideo: { mpvideo: Medium, video: Medium },
  video: { mpvideo: Medium, video: Medium },
};

// A video that was only uploaded is none to send: uploadvideo gives the id that is (WECHAT.md section 2.1).
const mediaOf: Readonly<Record<string, readonly MediumType[]>> = {
  voice: ["voice"],
  image: ["image"],
  mpvideo: ["mpvideo"],
  video: ["mpvideo"],
};

export type Message = { msgtype: string; body: object };

/** A preview takes one picture and no more than that (WECHAT.md section 2.4). */
type Reading = { unknown: 45162 | 40008; pictures: "many" | "one" };

/** The message of a send, or the code to refuse it with. */
export function readMessage(
  request: Readonly<Record<string, unknown>>,
  { unknown, pictures }: Reading = { unknown: 45162, pictures: "many" },
): Message | number {
  const { msgtype } = request;
  if (typeof msgtype !== "string") return 40008;
  if (msgtype === "wxcard") return 45113;
  const shapes = Object.hasOwn(bodies, msgtype) ? bodies[msgtype] : undefined;
  if (shapes === undefined) return unknown;
  const name = Object.keys(shapes)
    .filter((candidate) => pictures === "many" || candidate !== "images")
    .find((candidate) => Object.hasOwn(request, candidate));
  const body = name === undefined ? undefined : shapes[name]?.safeParse(request[name]).data;
  if (body === undefined) return 40008;
  return { msgtype, body };
}

/** Media that is not there, is of another type or was used up, and texts of nothing. */
export function checkContent({ msgtype, body }: Message, media: Media): number | undefined {
  if ("content" in body && body.content === "") return 44004;
  const ids = mediaIds(body);
  if (ids.length > maxImages) return 40215;
  if (ids.some((id) => id === "")) return 41006;
  const accepts = (id: string) =>
    msgtype === "mpnews" ? media.acceptsArticles(id) : media.accepts(id, mediaOf[msgtype] ?? []);
  return ids.every(accepts) ? undefined : 40007;
}

/** How a text begins; undefined for what is no text. */
export function beginningOf({ body }: Message): string | undefined {
  return Text.safeParse(body).data?.content.slice(0, keptCharacters);
}

/** WECHAT.md section 2.3: 2 to 10,000 OpenIDs, each of which must at least look like one. */
export function checkRecipients(touser: unknown): number | undefined {
  if (touser === undefined) return 40130;
  if (!Array.isArray(touser) || !touser.every((entry) => typeof entry === "string")) return 40031;
  if (touser.length < 2) return 40130;
  if (touser.length > 10_000) return 40032;
  return touser.every(looksLikeOpenid) ? undefined : 40003;
}

export function checkOptions({
  clientmsgid,
  send_ignore_reprint: ignore = 0,
}: Readonly<Record<string, unknown>>): number | undefined {
  if (ignore !== 0 && ignore !== 1) return 47003;
  if (clientmsgid === undefined) return undefined;
  if (typeof clientmsgid !== "string") return 47003;
  return Buffer.byteLength(clientmsgid) > maxClientmsgidBytes ? 45067 : undefined;
}

export function mediaIds(body: object): string[] {
  const read = z.union([Images, Medium]).safeParse(body).data;
  if (read === undefined) return [];
  return "media_ids" in read ? Images.parse(read).media_ids : [Medium.parse(read).media_id];
}
