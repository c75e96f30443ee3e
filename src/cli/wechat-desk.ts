import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { z } from "zod";
import { checkBody } from "../campaign/check-body.ts";
import { Failure, type FailureCode } from "../failure.ts";
import type { Menus } from "../wechat/menu.ts";
import type { QrCodes } from "../wechat/qrcode.ts";
import type { Tags } from "../wechat/tags.ts";

/** What the commands that ask WeChat need of an account; `compose-cli.ts` hands it over. */
export type WechatDesk = {
  readonly accounts: ReadonlyMap<string, { readonly mpBase: string }>;
  readonly wechatOf: (account: string) => {
    readonly menus: Pick<Menus, "get" | "create" | "delete" | "addConditional" | "delConditional">;
    readonly qrCodes: Pick<QrCodes, "create" | "picture">;
    readonly tags: Pick<Tags, "list">;
  };
};

/** @throws Failure NOT_FOUND when the accounts file has no such account, in the words given */
export function wechatIn(
  { accounts, wechatOf }: WechatDesk,
  id: string,
  noAccount: (known: string) => string,
) {
  if (!accounts.has(id)) throw new Failure("NOT_FOUND", noAccount([...accounts.keys()].join(", ")));
  return wechatOf(id);
}

/**
 * The text of a file; `-` is the standard input.
 *
 * @throws Failure NOT_FOUND when there is no such file, BAD_REQUEST when it can't be read
 */
export async function readText(path: string, stdin: Readable): Promise<string> {
  try {
    return path === "-" ? await text(stdin) : await readFile(path, "utf8");
  } catch (cause) {
    throw fileTrouble(path, cause);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  ENOTDIR: "there is no such folder",
  EISDIR: "it is a folder",
  EACCES: "it may not be opened",
  EPERM: "it may not be opened",
  EROFS: "nothing can be written there",
  ENOSPC: "the disk is full",
};

export function fileTrouble(path: string, cause: unknown): Failure {
  const code = codeOf(cause);
  const reason = code === undefined ? "it ended early" : REASONS[code];
  const told = reason === undefined ? code : code === undefined ? reason : `${reason} (${code})`;
  return new Failure(code === "ENOENT" ? "NOT_FOUND" : "BAD_REQUEST", `${path || '""'}: ${told}`, { cause });
}

/** The name that the system gives what went wrong with a file. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

/**
 * `name` is what the whole is called, such as the option that it comes from, or tells that of each field.
 *
 * @throws Failure of this code whose message names everything that does not fit, a line each
 */
export function parseAs<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  code: FailureCode,
  name: string | ((path: string) => string) = (path) => path,
): z.output<Schema> {
  const checked = checkBody(schema, value);
  if (checked.success) return checked.data;
  const nameOf = typeof name === "string" ? () => name : name;
  const lines = checked.issues.map(({ path, message }) => `${nameOf(path)}: ${message}`);
  throw new Failure(code, lines.join("\n"));
}
