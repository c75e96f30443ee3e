import fc from "fast-check";
import { expect, test } from "vitest";
import {
  callsPerDay,
  machineCallsPerMinute,
  QUOTA_APIS,
  type QuotaApi,
  quotaState,
  sendUnitOf,
  type Taken,
} from "../../src/campaign/quota.ts";

const limits = {
  ...{ sendCallsPerDay: 100, uploadNewsPerDay: 10, deleteCallsPerDay: 9, previewCallsPerDay: 8 },
  ...{ callsPerMinute: 60, perUserPerMonth: 4 },
};

test("machines get five sixths of the minute, and at least one call", () => {
  const share = (calls: number) => machineCallsPerMinute({ limits: { ...limits, callsPerMinute: calls } });
  expect([1, 2, 5, 6, 7, 12, 60, 100].map(share)).toEqual([1, 1, 4, 5, 5, 10, 50, 83]);
});

test("a subscription account's sends are counted by batch, a service account's by call", () => {
  expect([sendUnitOf({ kind: "subscription" }), sendUnitOf({ kind: "service" })]).toEqual(["batch", "call"]);
});

test("each API has its own limit, other uploads and questions none", () => {
  expect(QUOTA_APIS.map((api) => callsPerDay({ limits }, api))).toEqual([
    100,
    10,
    9,
    8,
    undefined,
    undefined,
  ]);
});

test("what is used, held and left adds up to the limit, and no quota has more left than the budget over all", () => {
  const taken = fc.record({ held: fc.nat({ max: 5 }), used: fc.nat({ max: 5 }), spent: fc.boolean() });
  const people = { uploadNews: taken, delete: taken, preview: taken, upload: taken, status: taken };
  const all = fc.record({ send: taken, ...people });
  fc.assert(
    fc.property(all, fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }), (of, allCallsPerDay) => {
      const takenOf = (api: QuotaApi): Taken => ({ ...of[api], units: of[api].used + of[api].held });
      const calls = QUOTA_APIS.reduce((sum, api) => sum + takenOf(api).units, 0);
      const counted = { day: "2031-03-04", resetsAt: 1, takenOf, calls, minuteCalls: 3, block: undefined };
      const account = { limits: { ...limits, ...(allCallsPerDay !== undefined && { allCallsPerDay }) } };
      const state = quotaState(account, counted);
      const budget = state.allCalls?.left ?? Number.POSITIVE_INFINITY;
      for (const api of ["send", "uploadNews", "delete", "preview"] as const) {
        const { limit, used, held, left, stopped } = state[api];
        expect(left).toBe(of[api].spent ? 0 : Math.min(Math.max(0, limit - used - held), budget));
        expect(stopped !== null).toBe(of[api].spent);
      }
      if (state.allCalls) expect(state.allCalls.used + state.allCalls.held).toBe(calls);
    }),
  );
});

test("calls from elsewhere are among those used, and a lower limit of WeChat's holds", () => {
  const takenOf = () => ({ units: 6, held: 1, external: 3, spent: false, limit: 7 });
  const counted = { day: "2031-03-04", resetsAt: 1, takenOf, calls: 6, minuteCalls: 0, block: undefined };
  const state = quotaState({ limits }, counted);
  expect(state.send).toMatchObject({ limit: 7, used: 5, external: 3, held: 1, left: 1 });
});

test("a quota that is lowered under what is used has nothing left, not less", () => {
  const takenOf = () => ({ units: 12, held: 2, spent: false });
  const counted = { day: "2031-03-04", resetsAt: 1, takenOf, calls: 60, minuteCalls: 0, block: undefined };
  const state = quotaState({ limits: { ...limits, allCallsPerDay: 20 } }, counted);
  expect(state.uploadNews).toMatchObject({ limit: 10, used: 10, held: 2, left: 0 });
  expect(state.allCalls).toMatchObject({ used: 48, held: 12, left: 0 });
});
