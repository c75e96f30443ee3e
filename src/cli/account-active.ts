import type { Account } from "../campaign/account.ts";
import { Failure } from "../failure.ts";
import { isRedisAway } from "../store/redis-away.ts";
import type { Check } from "./check.ts";
import type { Doctor } from "./doctor.ts";

/** Where campaigns of an account may go on, or a person has stopped them all; undefined where Redis can't be asked. */
export type Activity = "active" | "paused" | undefined;

/** What stands in the way of every campaign, but is no fault. */
export function tellActive(account: string, found: Activity): Check {
  const state = found === "paused" ? "warn" : found === undefined ? "skip" : "ok";
  return { check: "active", account, state, found: found ?? null };
}

/** Of each of these accounts, in their order. */
export async function readActive(
  { connect }: Pick<Doctor, "connect">,
  accounts: readonly Account[],
): Promise<Activity[]> {
  try {
    const { activityOf, close } = await connect();
    return await Promise.all(accounts.map(({ id }) => activityOf(id))).finally(close);
  } catch (error) {
    if (error instanceof Failure || isRedisAway(error)) return accounts.map(() => undefined);
    throw error;
  }
}
