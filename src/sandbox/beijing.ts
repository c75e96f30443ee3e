// WeChat's days and months turn at midnight in Beijing (WECHAT.md section 5), which knows no summer time.
const offsetMs = 8 * 3_600_000;

/** `2026-12-01` */
export function beijingDay(at: number): string {
  return new Date(at + offsetMs).toISOString().slice(0, 10);
}

/** `2026-12` */
export function beijingMonth(at: number): string {
  return beijingDay(at).slice(0, 7);
}
