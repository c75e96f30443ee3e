import { z } from "zod";

/** The body of an answer that says no more than that it is done. */
export const nothing = z.unknown().transform(() => undefined);
