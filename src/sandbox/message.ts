import { z } from "zod";
import { looksLikeOpenid } from "./followers.ts";

const maxClientmsgidBytes = 32;
const maxImages = 20;
const keptCharacters = 100;

const Media = z.looseObject({ media_id: z.string() });
const Images = z.looseObject({ media_ids: z.array(z.string()).min(1) });
const Text = z.looseObject({ content: z.string() });

// WECHAT.md sections 2.2 and 2.3. The pages disagree about videos, so both names do for both; a picture
// comes as the present `images` or the older `image`.
const bodies: Readonly<Record<string, Readonly<Record<string, z.ZodType<object>>>>> = {
  text: { text: Text },
  mpnews: { mpnews: Media },
  voice: { voice: Media },
  image: { images: Images, image: Media },
  mpvideo: { mpvideo: Media, video: Media },
  video: { mpvideo: Media, video: Media },
};

export type Message = { msgtype: string; body: object };

/** The message of a send, or the code to refuse it with. */
export function readMessage(request: Readonly<Record<string, unknown>>): Message | number {
  const { msgtype } = request;
  if (typeof msgtype !== "string") return 40008;
  if (msgtype === "wxcard") return 45113;
  const shapes = Object.hasOwn(bodies, msgtype) ? bodies[msgtype] : undefined;
  if (shapes === undefined) return 45162;
  const name = Object.keys(shapes).find((candidate) => Object.hasOwn(request, candidate));
  const body = name === undefined ? undefined : shapes[name]?.safeParse(request[name]).data;
  if (body === undefined) return 40008;
  return { msgtype, body };
}

/** Media that is not there, and texts of nothing. Uploads are not kept: an id exists unless it says `missing`. */
export function checkContent({ body }: Message): number | undefined {
  if ("content" in body && body.content === "") return 44004;
  const ids = mediaIds(body);
  if (ids.length > maxImages) return 40215;
  if (ids.some((id) => id === "")) return 41006;
  return ids.some((id) => id.startsWith("missing")) ? 40007 : undefined;
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

function mediaIds(body: object): string[] {
  const read = z.union([Images, Media]).safeParse(body).data;
  if (read === undefined) return [];
  return "media_ids" in read ? Images.parse(read).media_ids : [Media.parse(read).media_id];
}
