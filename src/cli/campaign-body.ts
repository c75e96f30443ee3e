import type { Readable } from "node:stream";
import { type ListId, newListId } from "../campaign/list.ts";
import { Failure } from "../failure.ts";
import type { BodyOptions, Given } from "./body-flags.ts";
import { readText } from "./wechat-desk.ts";

export type AskedBody = {
  readonly body: Readonly<Record<string, unknown>>;
  /** A file of people that is to be stored first, under an id that stands in the body. */
  readonly file?: { readonly path: string; readonly id: ListId } | undefined;
  readonly given: Given;
};

/**
 * The body of a campaign (CONTRACT section 4): that of a file, `-` is the standard input, and over it the options.
 * Whether it fits is for the schema to say.
 *
 * @throws Failure NOT_FOUND or BAD_REQUEST for a file that can't be read, or is no JSON, in the words given
 */
export async function readBody(
  path: string | undefined,
  options: BodyOptions,
  stdin: Readable,
  noJson: (file: string) => string,
): Promise<AskedBody> {
  const given = path === undefined ? {} : readObject(await readText(path, stdin), noJson(path));
  const { account, name, text, audience, notifyUrl, overCap, hold } = options;
  const file = audience === undefined ? undefined : { path: audience, id: newListId() };
  const schedule = { ...objectIn(given.schedule), ...scheduleIn(options) };
  return {
    file,
    given: { options, hasFile: path !== undefined },
    body: {
      ...given,
      ...(account !== undefined && { account }),
      ...(name !== undefined && { name }),
      ...(text !== undefined && { message: { msgtype: "text", text: { content: text } } }),
      ...audienceIn(options, file?.id),
      ...(Object.keys(schedule).length > 0 && { schedule }),
      ...(overCap !== undefined && { overCap }),
      ...(hold && { hold: "first-batch" }),
      ...(notifyUrl !== undefined && { notifyUrl }),
    },
  };
}

function audienceIn({ list, tag, all }: BodyOptions, stored: ListId | undefined) {
  const audienceId = stored ?? list;
  if (audienceId !== undefined) return { audience: { type: "list", audienceId } };
  if (tag !== undefined) return { audience: { type: "tag", tagId: tag } };
  return all ? { audience: { type: "all" } } : {};
}

function scheduleIn({ at, window, deadline }: BodyOptions) {
  const [from, ...rest] = window?.split("-") ?? [];
  return {
    ...(at !== undefined && { startAt: momentIn(at) }),
    ...(window !== undefined && { window: { from, to: rest.join("-") } }),
    ...(deadline !== undefined && { deadline: momentIn(deadline) }),
  };
}

/** A time without an offset is one of WeChat's calendar, Asia/Shanghai, which has no summer time. */
function momentIn(text: string): string {
  const time = text.trim().replace(" ", "T");
  return /T\d\d:\d\d(:\d\d)?$/.test(time) ? `${time}+08:00` : time;
}

function readObject(text: string, noJson: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    // Not handed on as the cause: V8 quotes the text that it could not read.
    throw new Failure("BAD_REQUEST", noJson);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Failure("BAD_REQUEST", noJson);
  return value as Readonly<Record<string, unknown>>;
}

function objectIn(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}
