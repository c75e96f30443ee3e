import type { Meters } from "./meters.ts";

/** How messages to receivers have ended. */
export function createNotificationEnds({ counter }: Meters) {
  const ends = counter({
    name: "qunfa_notifications_total",
    help: "Messages to receivers of reports that have ended",
    labels: ["outcome"],
  });
  // A series that comes with its first count has no increase that an alert could see.
  for (const outcome of ["delivered", "failed"] as const) ends.inc({ outcome }, 0);
  return (outcome: "delivered" | "failed"): void => ends.inc({ outcome });
}
