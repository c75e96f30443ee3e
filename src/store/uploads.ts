import { createHash, randomUUID } from "node:crypto";
import { z } from "zod";
import { createKeepFields } from "./keep-fields.ts";
import type { Keys } from "./keys.ts";
import type { RedisClient } from "./script.ts";

const HOUR_MS = 3_600_000;

/** CONTRACT: uploads are kept for 24 h. */
const LIFE_MS = 24 * HOUR_MS;

/** A campaign that has read it may have to wait for tomorrow's quota and read it again. */
const READ_LIFE_MS = 48 * HOUR_MS;

/** A single value of 10 MB would hold Redis, and whoever shares it, up. */
const PIECE_BYTES = 1_048_576;

const Head = z.strictObject({
  name: z.string(),
  type: z.string(),
  size: z.int(),
  sha256: z.string(),
  expiresAt: z.number(),
});
type Head = z.infer<typeof Head>;

export type NewUpload = {
  /** For people. */
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;
};

export type StoredUpload = Pick<Head, "size" | "type" | "sha256" | "expiresAt"> & {
  readonly uploadId: string;
};

/** Files that people have uploaded for campaigns to come. Times are milliseconds since the epoch. */
export function createUploads(redis: RedisClient, keys: Keys) {
  const keeping = createKeepFields(redis, LIFE_MS);

  return {
    /** Its head comes last: a file that was cut short is never read, and goes by itself like all others. */
    async store({ name, type, bytes }: NewUpload, now: number): Promise<StoredUpload> {
      const uploadId = randomUUID();
      const keep = keeping(keys.upload(uploadId));
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const head: Head = { name, type, size: bytes.length, sha256, expiresAt: now + LIFE_MS };
      for (let at = 0; at < bytes.length; at += PIECE_BYTES)
        await keep(`${at / PIECE_BYTES}`, bytes.subarray(at, at + PIECE_BYTES));
      await keep("head", JSON.stringify(head));
      const { size, expiresAt } = head;
      return { uploadId, size, type, sha256, expiresAt };
    },

    /** The bytes, kept for two more days from now; undefined when there is no such file, or none any more. */
    async read(uploadId: string): Promise<Buffer | undefined> {
      const key = keys.upload(uploadId);
      const head = await redis.hget(key, "head");
      if (head === null) return undefined;
      await redis.pexpire(key, READ_LIFE_MS);
      const { size, sha256 } = Head.parse(JSON.parse(head));
      const pieces: Buffer[] = [];
      for (let number = 0; number < Math.ceil(size / PIECE_BYTES); number++) {
        const piece = await redis.hgetBuffer(key, `${number}`);
        if (piece) pieces.push(piece);
      }
      const bytes = Buffer.concat(pieces);
      return createHash("sha256").update(bytes).digest("hex") === sha256 ? bytes : undefined;
    },
  };
}

export type Uploads = ReturnType<typeof createUploads>;
