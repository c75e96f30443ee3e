import type { Schedule } from "../campaign/schedule.ts";
import { Failure } from "../failure.ts";
import type { SendWords } from "./send-words.ts";

/** A start so long ago is a mistake; one of today may be what was meant when the command was written. */
const DAY_MS = 86_400_000;

/**
 * Refuses times that have passed, which a queue may bring but nobody types on purpose: all would be canceled at once,
 * or go out at once.
 *
 * @throws Failure INVALID_PARAMETER that names the fields (details: `errors`)
 */
export function refusePast(
  { startAt, deadline }: Schedule,
  now: number,
  { past }: Pick<SendWords, "past">,
): void {
  const isBefore = (time: string | undefined, moment: number) =>
    time !== undefined && Date.parse(time) < moment;
  const errors = [
    ...(isBefore(startAt, now - DAY_MS) ? [{ path: "schedule.startAt", message: past.start }] : []),
    ...(isBefore(deadline, now) ? [{ path: "schedule.deadline", message: past.deadline }] : []),
  ];
  if (errors.length === 0) return;
  const told = errors.map(({ path, message }) => `${path}: ${message}`).join("; ");
  throw new Failure("INVALID_PARAMETER", told, { details: { errors } });
}
