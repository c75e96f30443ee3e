import { z } from "zod";
import { createScript, type RedisClient, type ScriptArgument } from "./script.ts";

/** What was put away had rested until it went. */
export class RestedTooLong extends Error {
  constructor() {
    super("What was put away had rested for too long, and is gone");
  }
}

export type KeepField = (field: string, value: ScriptArgument) => Promise<void>;

/**
 * Puts what comes in parts into a hash, field after field. It goes by itself when `lifeMs` have passed without another;
 * one that comes then throws RestedTooLong.
 */
export function createKeepFields(redis: RedisClient, lifeMs: number) {
  const keepField = createScript(redis, "keep-field", z.enum(["kept", "gone"]));

  return (key: string): KeepField => {
    let isBegun = 0;
    return async (field, value) => {
      if ((await keepField([key], [field, value, lifeMs, isBegun])) === "gone") throw new RestedTooLong();
      isBegun = 1;
    };
  };
}
