import type { Handler } from "hono";
import type { z } from "zod";
import type { FailureCode } from "../failure.ts";
import type { Access } from "./auth.ts";

/** One call of the API: who may make it, what answers it, and what `/openapi.json` says of it. */
export type Route = {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly access: Access;
  readonly handler: Handler;
  /** A test asks for it of every route but pages, which are for people. */
  readonly docs?: Docs;
};

/** One page for people, or what belongs to it. */
export type PageRoute = Pick<Route, "method" | "path" | "access" | "handler">;

/** A handler with its documentation, as the files of handlers hand them to the tables. */
export type Call = Required<Pick<Route, "handler" | "docs">>;

/**
 * What goes over the line: JSON of a schema; another content type, its schema or null for bytes; null for nothing.
 */
export type Content = z.ZodType | Readonly<Record<`${string}/${string}`, z.ZodType | null>> | null;

/** The documentation of one call. What follows from its path, access and body is added by `api-document.ts`. */
export type Docs = {
  /** The operationId: a verb and a noun, unique. */
  readonly id: string;
  /** One sentence. */
  readonly summary: string;
  /** What the sentence leaves out, in Markdown. */
  readonly more?: string;
  readonly tag: Tag;
  /** Parameters of the path that are not told by their name. */
  readonly params?: Readonly<Record<string, z.ZodType>>;
  /** The schema that reads the query; left out: there are no parameters, and any is refused. */
  readonly query?: z.ZodObject;
  /** Headers of the request. */
  readonly headers?: z.ZodObject;
  readonly body?: Content;
  /** Whether a call without the body is good. */
  readonly bodyOptional?: boolean;
  /** By status. */
  readonly answers: Readonly<Record<number, Content> & Partial<Record<"2XX", Content>>>;
  /** What the `Location` of an answer leads to. */
  readonly location?: string;
  /** What it may fail with beside what every call of its kind may. */
  readonly fails?: readonly FailureCode[];
  /** Answered with an ETag, and 304 to who has it already. */
  readonly conditional?: boolean;
};

/** The groups of the readable page, in its order. */
export const TAGS = {
  Campaigns: "Send a message to many people, watch it, stop it, take it back.",
  Audiences: "Lists of OpenIDs that campaigns name, uploaded or read from WeChat.",
  Accounts: "One Official Account: quotas, the monthly cap, people to leave alone, menu, codes and tags.",
  Media: "Files for the content of campaigns, and previews for one person's eyes.",
  WeChat: "The address that WeChat itself calls.",
  Operation: "Health, and this description.",
} as const;

export type Tag = keyof typeof TAGS;

/** What any call may fail with that asks WeChat. */
export const ASKING_WECHAT = [
  "TOKEN_REFUSED",
  "WECHAT_UNREACHABLE",
  "WECHAT_REFUSED",
  "WECHAT_NOT_NOW",
] as const satisfies readonly FailureCode[];

/** A handler and its documentation, which stands before it. */
export function documented(docs: Docs, handler: Handler): Call {
  return { docs, handler };
}

type At = (path: string, access: Access, call: Call) => Route;

/** Rows of a table. */
export const get: At = (path, access, call) => ({ method: "GET", path, access, ...call });
export const post: At = (path, access, call) => ({ method: "POST", path, access, ...call });
export const put: At = (path, access, call) => ({ method: "PUT", path, access, ...call });
export const remove: At = (path, access, call) => ({ method: "DELETE", path, access, ...call });
