import { randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";

const mostTemporary = 100_000;

type Ticket = { scene: string; expiresAt: number | null };

export type Tickets = ReturnType<typeof createTickets>;

/** The parametric QR codes of one account. */
export function createTickets(clock: Clock) {
  const tickets = new Map<string, Ticket>();
  let permanent = 0;
  return {
    permanent: () => permanent,
    /** Every ticket has `/`, `+` and `=` in it, so that one who forgets to encode it finds out. */
    add(scene: string, seconds: number | null): string {
      const ticket = `gQ/+${randomBytes(64).toString("base64")}`;
      tickets.set(ticket, { scene, expiresAt: seconds === null ? null : clock.now() + seconds * 1000 });
      if (seconds === null) permanent += 1;
      else if (tickets.size - permanent > mostTemporary) {
        const oldest = [...tickets].find(([, { expiresAt }]) => expiresAt !== null)?.[0];
        if (oldest !== undefined) tickets.delete(oldest);
      }
      return ticket;
    },
    find(text: string): Ticket | undefined {
      const ticket = tickets.get(text);
      const past = ticket?.expiresAt != null && ticket.expiresAt <= clock.now();
      return past ? undefined : ticket;
    },
  };
}
