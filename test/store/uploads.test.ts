import { describe, expect } from "vitest";
import { createUploads } from "../../src/store/uploads.ts";
import { mediaFile } from "../support/media.ts";
import { hour, test } from "./rig.ts";

const MB = 1_048_576;

describe("an upload", () => {
  test.for([1, MB - 1, MB, MB + 1, 10 * MB])(
    "of %i bytes is read as it was stored, in pieces of a megabyte",
    async (size, { rig }) => {
      const uploads = createUploads(rig.redis, rig.keys);
      const bytes = mediaFile("mp4", size).subarray(0, size);
      const { uploadId } = await uploads.store({ name: "a.mp4", type: "video/mp4", bytes }, rig.clock.now());
      expect((await uploads.read(uploadId))?.equals(bytes)).toBe(true);
      expect(await rig.redis.hlen(rig.keys.upload(uploadId))).toBe(Math.ceil(size / MB) + 1);
    },
  );

  test("lives for 24 h, and for 48 from when it is read", async ({ rig }) => {
    const uploads = createUploads(rig.redis, rig.keys);
    const { uploadId, expiresAt } = await uploads.store(
      { name: "a", type: "image/jpeg", bytes: mediaFile("jpg") },
      rig.clock.now(),
    );
    expect(expiresAt).toBe(rig.clock.now() + 24 * hour);
    const leftHours = async () => Math.ceil((await rig.redis.pttl(rig.keys.upload(uploadId))) / hour);
    expect(await leftHours()).toBe(24);
    await uploads.read(uploadId);
    expect(await leftHours()).toBe(48);
  });

  test("that was cut short is not there, and does not stay for ever", async ({ rig }) => {
    const uploads = createUploads(rig.redis, rig.keys);
    const bytes = mediaFile("mp4", 2 * MB);
    const { uploadId } = await uploads.store({ name: "a", type: "video/mp4", bytes }, rig.clock.now());
    const key = rig.keys.upload(uploadId);
    const head = await rig.redis.hget(key, "head");
    await rig.redis.hdel(key, "head");
    expect(await uploads.read(uploadId)).toBeUndefined();
    expect(await rig.redis.pttl(key)).toBeGreaterThan(0);
    await rig.redis.hset(key, "head", head ?? "");
    await rig.redis.hdel(key, "1");
    expect(await uploads.read(uploadId)).toBeUndefined();
  });

  test("that never was is not there", async ({ rig }) => {
    expect(await createUploads(rig.redis, rig.keys).read("none")).toBeUndefined();
  });
});
