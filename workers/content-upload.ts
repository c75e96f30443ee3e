import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Account } from "../src/campaign/account.ts";
import type { MediaKind } from "../src/campaign/media-rule.ts";
import type { Clock } from "../src/clock.ts";
import { Failure } from "../src/failure.ts";
import type { MediaName } from "../src/store/keys.ts";
import type { Media, MediaMemory } from "../src/store/media-memory.ts";
import type { CountedReply } from "../src/wechat/api.ts";
import type { Called, ContentCall } from "./content-call.ts";
import type { ContentFile, MediaFile } from "./content-file.ts";

/** Permanent material's kinds at WeChat. */
export type PermanentType = "image" | "voice" | "video" | "thumb";

/** The calls that bring files to WeChat; `wechat/media.ts` makes them. */
export type UploadCalls = {
  readonly uploadArticleImage: (file: MediaFile) => Promise<CountedReply<{ readonly url: string }>>;
  readonly addPermanent: (
    type: PermanentType,
    file: MediaFile,
    video?: { readonly title: string; readonly introduction: string },
  ) => Promise<CountedReply<{ readonly mediaId: string; readonly url?: string }>>;
};

type Parts = {
  readonly uploadsOf: (account: string) => UploadCalls;
  readonly memory: MediaMemory;
  readonly call: ContentCall;
  readonly clock: Clock;
  /** How long an upload may take, and so for how long others wait for it. */
  readonly leaseMs?: number;
};

export type Uploaded = {
  readonly name: MediaName;
  readonly media: Media;
  /** When it runs out, undefined for never. */
  readonly until: number | undefined;
  readonly isNew: boolean;
};

const LEASE_MS = 60_000;
const LOOK_AGAIN_MS = 200;

/** What a video is called among the account's material. */
export type Words = { readonly title: string; readonly introduction: string };

/**
 * Brings a file to WeChat, once: what it became is remembered by its bytes, its kind and the account, and who finds
 * another worker about it waits. A crash between WeChat's answer and the memory uploads once more, which costs a
 * place among the account's material and nothing else.
 */
export function createContentUpload({ uploadsOf, memory, call, clock, leaseMs = LEASE_MS }: Parts) {
  /** Remembered, or made by `make` under the lease. */
  async function once(
    name: MediaName,
    make: () => Promise<Called<{ readonly media: Media; readonly until?: number }>>,
  ): Promise<Called<Uploaded>> {
    const holder = randomUUID();
    for (;;) {
      const asked = await memory.ask(name, { holder, leaseMs, now: clock.now() });
      if (asked.word === "known") {
        const { media, until } = asked;
        return { kind: "done", value: { name, media, until, isNew: false } };
      }
      if (asked.word === "mine") break;
      await sleep(LOOK_AGAIN_MS);
    }
    try {
      const made = await make();
      if (made.kind !== "done") return made;
      const { media, until } = made.value;
      await memory.keep(name, { holder, media, until });
      return { kind: "done", value: { name, media, until, isNew: true } };
    } finally {
      await memory.release(name, holder);
    }
  }

  return {
    once,

    async upload(account: Account, file: ContentFile, words?: Words): Promise<Called<Uploaded>> {
      const { kind, sha256 } = file;
      const name: MediaName = { account: account.id, kind, sha256 };
      const unit = { api: "upload", name: `${kind}/${sha256.slice(0, 16)}` } as const;
      return once(name, async () => {
        const read = await readAgain(file);
        if (read.kind !== "done") return read;
        const bring = () => bringTo(uploadsOf(account.id), kind, read.value, words);
        const called = await call(account, unit, bring);
        return called.kind === "done" ? { kind: "done", value: { media: called.value } } : called;
      });
    },
  };
}

export type ContentUpload = ReturnType<typeof createContentUpload>;

async function readAgain(file: ContentFile): Promise<Called<MediaFile>> {
  try {
    return { kind: "done", value: await file.read() };
  } catch (error) {
    // Whatever it is by now, the next look at all files tells.
    if (!(error instanceof Failure)) throw error;
    return { kind: "again", trouble: { code: error.code, message: error.message } };
  }
}

const permanentType = { cover: "thumb", image: "image", voice: "voice", video: "video" } as const;

/** Everything but an article's picture becomes permanent material, so that it does not run out in three days. */
async function bringTo(
  calls: UploadCalls,
  kind: MediaKind,
  file: MediaFile,
  words: Words | undefined,
): Promise<CountedReply<Media>> {
  if (kind === "picture") {
    const reply = await calls.uploadArticleImage(file);
    return reply.kind === "done" ? { ...reply, value: { url: reply.value.url } } : reply;
  }
  const reply = await calls.addPermanent(permanentType[kind], file, words);
  return reply.kind === "done" ? { ...reply, value: { mediaId: reply.value.mediaId } } : reply;
}
