import type { QuotaApi } from "../../src/campaign/quota.ts";

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export type Rules = {
  readonly perDay: Readonly<Record<Exclude<QuotaApi, "upload" | "status">, number>>;
  readonly allCalls: number | undefined;
  readonly perMinute: number;
  readonly machines: number;
};

type Held = "held" | "used";

/** Shanghai is 8 hours ahead of UTC, all year. */
export const midnightAfter = (now: number) => (Math.floor((now + 8 * HOUR) / DAY) + 1) * DAY - 8 * HOUR;
export const dayBefore = (midnight: number) => new Date(midnight - 16 * HOUR).toISOString().slice(0, 10);

/** What one account may do, kept the plain way: lists that are counted each time. Days are named by their end. */
export function createModel(rules: Rules) {
  const units = new Map<string, Held>();
  const calls: { day: number; name: string }[] = [];
  const spent = new Set<string>();
  const places = new Map<string, number>();
  let heard = 0;
  const unit = (day: number, api: QuotaApi, name: string) => `${day} ${api} ${name}`;
  const count = (day: number, api: QuotaApi, held?: Held) =>
    [...units].filter(([key, is]) => key.startsWith(`${day} ${api} `) && (held ?? is) === is).length;
  const recent = (now: number) =>
    [...places.values()].filter((at) => at > now - MINUTE).sort((a, b) => a - b);

  return {
    isTaken: (day: number, api: QuotaApi, name: string) => units.get(unit(day, api, name)),

    /** Until when the day has no room, undefined when it has. `free`: the call takes no unit of its own. */
    dayStop(now: number, day: number, api: QuotaApi | "poll", free = false): number | undefined {
      const limit =
        free || api === "upload" || api === "status" || api === "poll" ? undefined : rules.perDay[api];
      const late = now >= day - 3_000;
      const full = limit !== undefined && api !== "poll" && count(day, api) >= limit;
      const budget =
        calls.filter((call) => call.day === day).length >= (rules.allCalls ?? Number.POSITIVE_INFINITY);
      return late || full || budget || spent.has(`${day} ${api}`) ? day : undefined;
    },

    minuteStop(now: number, who: "machines" | "people"): number | undefined {
      const limit = who === "machines" ? rules.machines : rules.perMinute;
      const all = recent(now);
      const freed = all[all.length - limit];
      return freed === undefined ? undefined : freed + MINUTE;
    },
    isRecent: (now: number, place: string) => (places.get(place) ?? 0) > now - MINUTE,
    isSpent: (day: number, api: QuotaApi) => spent.has(`${day} ${api}`),

    take(day: number, api: QuotaApi, name: string, is: Held): void {
      units.set(unit(day, api, name), is);
    },
    give(day: number, api: QuotaApi, name: string): void {
      units.delete(unit(day, api, name));
    },
    call(day: number, name: string): void {
      calls.push({ day, name });
    },
    uncall(day: number, name: string): void {
      calls.splice(
        calls.findIndex((call) => call.day === day && call.name === name),
        1,
      );
    },
    place(name: string, now: number): void {
      places.set(name, now);
    },
    unplace(name: string): void {
      places.delete(name);
    },
    exhaust(day: number, api: QuotaApi): void {
      spent.add(`${day} ${api}`);
    },

    /** What WeChat has counted beyond ours was called elsewhere. */
    hear(day: number, api: QuotaApi, used: number): number {
      const added = Math.max(0, used - count(day, api, "used"));
      for (let time = 0; time < added; time++) {
        heard += 1;
        units.set(unit(day, api, `elsewhere ${heard}`), "used");
        calls.push({ day, name: `elsewhere ${heard}` });
      }
      return added;
    },
    external: (day: number, api: QuotaApi): number =>
      [...units.keys()].filter((key) => key.startsWith(`${day} ${api} elsewhere `)).length,

    /** What the read must say. */
    read(now: number) {
      const day = midnightAfter(now);
      const apis = ["send", "uploadNews", "delete", "preview", "upload", "status"] as const;
      const held = apis.reduce((sum, api) => sum + count(day, api, "held"), 0);
      const elsewhere = apis.reduce((sum, api) => sum + this.external(day, api), 0);
      const all = calls.filter((call) => call.day === day).length;
      const budget = rules.allCalls === undefined ? undefined : Math.max(0, rules.allCalls - all);
      const quota = (api: Exclude<QuotaApi, "upload" | "status">) => {
        const stopped = spent.has(`${day} ${api}`) ? { reason: "daily-quota", until: day } : null;
        const limit = rules.perDay[api];
        const left = Math.max(0, Math.min(limit - count(day, api), budget ?? limit));
        return {
          ...{ limit, used: count(day, api, "used"), held: count(day, api, "held") },
          external: this.external(day, api),
          ...{ left: stopped ? 0 : left, stopped },
        };
      };
      return {
        ...{ day: dayBefore(day), resetsAt: day },
        ...{ send: quota("send"), uploadNews: quota("uploadNews") },
        ...{ delete: quota("delete"), preview: quota("preview") },
        allCalls:
          rules.allCalls === undefined
            ? null
            : {
                ...{ limit: rules.allCalls, used: all - held, external: elsewhere, held },
                ...{ left: budget, stopped: null },
              },
        minute: { limit: rules.perMinute, used: recent(now).length, stopped: null },
      };
    },
  };
}

export type Model = ReturnType<typeof createModel>;
