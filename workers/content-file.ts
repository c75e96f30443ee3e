import { createHash } from "node:crypto";
import type { Trouble } from "../src/campaign/batch.ts";
import { formatOf, type MediaKind, mediaProblem, mediaRules } from "../src/campaign/media-rule.ts";
import type { MediaSource } from "../src/campaign/media-source.ts";
import { shownAddress } from "../src/campaign/shown-address.ts";
import { Failure } from "../src/failure.ts";
import type { Made } from "./content-call.ts";

/** A file that content needs, and where: `place` is for people. */
export type Wanted = { readonly place: string; readonly kind: MediaKind; readonly source: MediaSource };

/** A file as WeChat's calls take it. */
export type MediaFile = { readonly name: string; readonly contentType: string; readonly bytes: Uint8Array };

/** One that is there and fits. `read` brings its bytes, from memory or once more from where it was. */
export type ContentFile = Wanted & { readonly sha256: string; readonly read: () => Promise<MediaFile> };

type FetchUrl = (
  url: string,
  limits: { readonly limitBytes: number; readonly timeoutMs: number },
) => Promise<{ readonly bytes: Buffer }>;

export type FileParts = {
  readonly fetchUrl: FetchUrl;
  readonly readUpload: (uploadId: string) => Promise<Buffer | undefined>;
  /** Files of one campaign that are kept in memory meanwhile; what is more is read twice. */
  readonly memoryBytes?: number;
};

const FETCH_MS = 30_000;
const MEMORY_BYTES = 32 * 1_048_576;
/** So many addresses are fetched at once. */
const AT_ONCE = 4;

type Problem = { readonly path: string; readonly message: string };
type Looked = { readonly file: ContentFile } | { readonly problem: Problem } | { readonly trouble: Trouble };

/**
 * Reads every file that content needs, each once, and checks its type and size, before any is uploaded.
 *
 * @throws Failure CONTENT_REFUSED that names all files that do not fit, each with its place, address and size
 */
export function createContentFiles({ fetchUrl, readUpload, memoryBytes = MEMORY_BYTES }: FileParts) {
  return async (wanted: readonly Wanted[]): Promise<Made<readonly ContentFile[]>> => {
    const room = { bytes: memoryBytes };
    const all = wanted.filter((one, at) => wanted.findIndex((other) => keyOf(other) === keyOf(one)) === at);
    const looked: Looked[] = [];
    for (let at = 0; at < all.length; at += AT_ONCE)
      looked.push(...(await Promise.all(all.slice(at, at + AT_ONCE).map((one) => look(one, room)))));

    const problems = looked.flatMap((one) => ("problem" in one ? [one.problem] : []));
    if (problems.length > 0) throw contentRefused(problems);
    const trouble = looked.find((one) => "trouble" in one)?.trouble;
    if (trouble) return { kind: "again", trouble };
    return { kind: "done", value: looked.flatMap((one) => ("file" in one ? [one.file] : [])) };
  };

  async function look(one: Wanted, room: { bytes: number }): Promise<Looked> {
    try {
      const bytes = await bring(one);
      const message = mediaProblem(one.kind, bytes);
      if (message !== undefined) return { problem: problemOf(one, `${shownSource(one.source)}: ${message}`) };
      const sha256 = digest(bytes);
      room.bytes -= bytes.length;
      const kept = room.bytes >= 0 ? bytes : undefined;
      return {
        file: { ...one, sha256, read: async () => fileOf(kept ?? (await again(one, sha256)), sha256) },
      };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.code === "FETCH_FAILED") return { trouble: { code: error.code, message: error.message } };
      if (error.code === "FETCH_REFUSED" || error.code === "CONTENT_TOO_LARGE")
        return { problem: problemOf(one, error.message) };
      throw error;
    }
  }

  async function bring({ source, kind }: Wanted): Promise<Buffer> {
    const { limitBytes } = mediaRules[kind];
    if ("url" in source) return (await fetchUrl(source.url, { limitBytes, timeoutMs: FETCH_MS })).bytes;
    const bytes = await readUpload(source.uploadId);
    if (bytes) return bytes;
    throw new Failure("FETCH_REFUSED", `${shownSource(source)}: there is no such upload, or none any more`);
  }

  /** @throws Failure FETCH_FAILED when it is not what it was a moment ago */
  async function again(one: Wanted, sha256: string): Promise<Buffer> {
    const bytes = await bring(one);
    if (digest(bytes) === sha256) return bytes;
    throw new Failure("FETCH_FAILED", `${shownSource(one.source)}: it has changed while it was being read`);
  }
}

/** Two wishes for one file. */
export function keyOf({ kind, source }: Pick<Wanted, "kind" | "source">): string {
  return `${kind} ${"url" in source ? source.url : `upload:${source.uploadId}`}`;
}

const NAMED_PROBLEMS = 20;

/** One failure of many problems; 20 of them are named. */
export function contentRefused(
  problems: readonly Problem[],
  details: Readonly<Record<string, unknown>> = {},
): Failure {
  const errors = problems.slice(0, NAMED_PROBLEMS);
  const lines = errors.map(({ path, message }) => `${path}: ${message}`).join("; ");
  const more = problems.length - errors.length;
  const message = more > 0 ? `${lines}; and ${more} more` : lines;
  return new Failure("CONTENT_REFUSED", message, { details: { errors, ...details } });
}

export function shownSource(source: MediaSource): string {
  return "url" in source ? shownAddress(source.url) : `upload ${source.uploadId}`;
}

function problemOf({ place }: Wanted, message: string): Problem {
  return { path: place, message };
}

function digest(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** WeChat looks at the ending of a name; the name itself is ours, so that nobody's words get into a header. */
function fileOf(bytes: Buffer, sha256: string): MediaFile {
  const format = formatOf(bytes);
  const name = `${sha256.slice(0, 16)}.${format?.extension ?? "bin"}`;
  return { name, contentType: format?.type ?? "application/octet-stream", bytes };
}
