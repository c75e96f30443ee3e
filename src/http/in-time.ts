import { Failure } from "../failure.ts";

/**
 * What the work comes to. The work itself is not stopped.
 *
 * @throws Failure REDIS_AWAY when it takes longer: here all work is Redis'.
 */
export async function inTime<Value>(work: Promise<Value>, withinMs: number): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Failure("REDIS_AWAY", "Redis takes too long: try again in a few seconds.")),
      withinMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
