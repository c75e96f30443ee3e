import { describe, expect } from "vitest";
import type { MediaName } from "../../src/store/keys.ts";
import { createMediaMemory } from "../../src/store/media-memory.ts";
import { until } from "../support/until.ts";
import { account, hour, minute, type Rig, test } from "./rig.ts";

const name: MediaName = { account, kind: "cover", sha256: "ab".repeat(32) };
const media = { mediaId: "M1" };

function memoryOf(rig: Rig) {
  const memory = createMediaMemory(rig.redis, rig.keys);
  const ask = (holder: string, leaseMs = minute, of = name) =>
    memory.ask(of, { holder, leaseMs, now: rig.clock.now() });
  return { ...memory, ask };
}

describe("what a file became", () => {
  test("is brought by one of many who ask, and known to all as soon as it is there", async ({ rig }) => {
    const memory = memoryOf(rig);
    const replies = await Promise.all(["a", "b", "c"].map((holder) => memory.ask(holder)));
    expect(replies.map(({ word }) => word).sort()).toEqual(["mine", "wait", "wait"]);
    const holder = ["a", "b", "c"][replies.findIndex(({ word }) => word === "mine")] ?? "";
    await memory.keep(name, { holder, media });
    expect(await memory.ask("d")).toEqual({ word: "known", media, until: undefined });
    expect(await rig.redis.exists(rig.keys.mediaLease(name))).toBe(0);
  });

  test("may be an address", async ({ rig }) => {
    const memory = memoryOf(rig);
    await memory.keep(name, { holder: "a", media: { url: "http://mmbiz.qpic.cn/a" } });
    expect(await memory.ask("b")).toEqual({
      word: "known",
      media: { url: "http://mmbiz.qpic.cn/a" },
      until: undefined,
    });
  });

  test("is one account's, one kind's and one file's", async ({ rig }) => {
    const memory = memoryOf(rig);
    await memory.keep(name, { holder: "a", media });
    for (const other of [{ account: "other" }, { kind: "image" }, { sha256: "cd".repeat(32) }])
      expect(await memory.ask("b", minute, { ...name, ...other })).toEqual({ word: "mine" });
  });

  test("is another's to bring when who was about it gives up, or is not heard of again", async ({ rig }) => {
    const memory = memoryOf(rig);
    await memory.ask("a");
    expect(await memory.release(name, "b")).toBe("kept");
    expect(await memory.release(name, "a")).toBe("released");
    expect(await memory.ask("b", 200)).toEqual({ word: "mine" });
    expect(await memory.ask("c")).toEqual({ word: "wait" });
    await until(async () => (await memory.ask("c")).word === "mine");
  });

  test("is as welcome from one who lost the lease, whose successor keeps his", async ({ rig }) => {
    const memory = memoryOf(rig);
    await memory.ask("b");
    await memory.keep(name, { holder: "a", media });
    expect(await memory.ask("c")).toEqual({ word: "known", media, until: undefined });
    expect(await rig.redis.get(rig.keys.mediaLease(name))).toBe("b");
  });

  test("is not handed out from when it has run out", async ({ rig }) => {
    const memory = memoryOf(rig);
    await memory.keep(name, { holder: "a", media, until: rig.clock.now() + hour });
    rig.clock.advance(hour - 1);
    expect(await memory.ask("b")).toEqual({ word: "known", media, until: rig.clock.now() + 1 });
    rig.clock.advance(1);
    expect(await memory.ask("b")).toEqual({ word: "mine" });
  });

  test("is forgotten 180 days after it was last asked for", async ({ rig }) => {
    const memory = memoryOf(rig);
    await memory.keep(name, { holder: "a", media });
    const leftDays = async () => Math.ceil((await rig.redis.pttl(rig.keys.media(name))) / (24 * hour));
    expect(await leftDays()).toBe(180);
    await rig.redis.pexpire(rig.keys.media(name), hour);
    await memory.ask("b");
    expect(await leftDays()).toBe(180);
  });

  test("is dropped when WeChat does not know it, but not what was brought since", async ({ rig }) => {
    const memory = memoryOf(rig);
    await memory.keep(name, { holder: "a", media });
    expect(await memory.drop(name, { mediaId: "M0" })).toBe("kept");
    expect(await memory.drop(name, media)).toBe("dropped");
    expect(await memory.drop(name, media)).toBe("kept");
    expect(await memory.ask("b")).toEqual({ word: "mine" });
  });
});
