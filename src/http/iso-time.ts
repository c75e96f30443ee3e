import { z } from "zod";

/** A moment as callers see it. */
export const IsoTime = z.iso
  .datetime({ precision: 3 })
  .meta({ description: "UTC.", example: "2026-12-01T01:00:00.000Z" });

/** A moment in milliseconds as callers see it: `2026-12-01T01:00:00.000Z`. */
export function isoTime(at: number): string;
export function isoTime(at: number | null | undefined): string | null;
export function isoTime(at: number | null | undefined): string | null {
  return at == null ? null : new Date(at).toISOString();
}
