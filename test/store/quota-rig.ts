import type { Account } from "../../src/campaign/account.ts";
import type { ReservedApi } from "../../src/campaign/quota.ts";
import type { Unit } from "../../src/store/quotas.ts";
import { account, type Rig } from "./rig.ts";

export type Limits = Partial<Account["limits"]>;

/** The account of the rig with limits of a test's own, WeChat's usual ones where it names none. */
export function limited(limits: Limits = {}, kind: Account["kind"] = "service") {
  const usual = { sendCallsPerDay: 100, callsPerMinute: 60, perUserPerMonth: 4 };
  const days = { uploadNewsPerDay: 10, deleteCallsPerDay: 10, previewCallsPerDay: 100 };
  return { id: account as Account["id"], kind, limits: { ...usual, ...days, ...limits } };
}

/** What people ask for, under limits of the test's own. */
export function createPeople(rig: Rig, limits: Limits = {}) {
  const acme = limited(limits);
  const now = rig.clock.now;
  return {
    reserve: (name: string, api: ReservedApi = "preview") => rig.quotas.reserve(acme, { api, name }, now()),
    commit: async (unit: Unit) => (await rig.quotas.commit(acme, unit, now())).word,
    commitOr: (unit: Unit) => rig.quotas.commit(acme, unit, now()),
    release: (unit: Unit) => rig.quotas.release(acme, unit),
    exhaust: (unit: Pick<Unit, "api" | "day">) => rig.quotas.exhaust(acme, unit),
    read: () => rig.quotas.read(acme, now()),

    /** A unit that must be had. */
    async hold(name: string, api: ReservedApi = "preview"): Promise<Unit> {
      const reply = await rig.quotas.reserve(acme, { api, name }, now());
      if (reply.word !== "held") throw new Error(`reserve said ${JSON.stringify(reply)}`);
      return reply.unit;
    },
    /** A call that is made. */
    async use(name: string, api: ReservedApi = "preview"): Promise<Unit> {
      const unit = await this.hold(name, api);
      const { word } = await rig.quotas.commit(acme, unit, now());
      if (word !== "go") throw new Error(`commit said ${word}`);
      return unit;
    },
  };
}
