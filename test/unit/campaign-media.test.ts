import { expect, test } from "vitest";
import { Failure } from "../../src/failure.ts";
import { createCampaignMedia } from "../../workers/campaign-media.ts";

const mpnews = (media_id: string) => ({ msgtype: "mpnews" as const, mpnews: { media_id } });
const draft = (media_id: string) => ({ as: "draft" as const, message: mpnews(media_id) });

/** What changes a campaign's media, when making others comes to this. */
function open(renew: () => Promise<unknown>, campaign: object = {}) {
  const noted: object[] = [];
  const media = createCampaignMedia({
    accountOf: () => ({}) as never,
    campaigns: {
      findAt: async () => ({ id: "c", account: "a", ...campaign }) as never,
      notePrepared: async (_campaign, what) => {
        noted.push(what);
        return "noted";
      },
    },
    contents: { readAsked: async () => undefined },
    content: { renew, prepare: () => Promise.reject(new Error("not asked for")) } as never,
    clock: { now: () => 0 },
  });
  return { media, noted };
}

/** What becomes of a campaign whose draft WeChat does not know. */
async function replace(renew: () => Promise<unknown>, campaign: object = { prepared: draft("D1") }) {
  const { media, noted } = open(renew, campaign);
  const word = await media.replace({ account: "a", id: "c" as never }, "D1", {} as never);
  return { word, noted };
}

const busy = { kind: "again", trouble: { code: "IN_DOUBT", message: "busy" } };

test("a draft that is gone is made anew, later if it can't be made now, and never if WeChat refuses it", async () => {
  expect(await replace(async () => ({ kind: "done", value: draft("D2") }))).toEqual({
    word: "now",
    noted: [{ prepared: draft("D2"), spent: "D1" }],
  });
  expect(await replace(async () => busy)).toEqual({ word: "later", noted: [{ spent: "D1" }] });
  const refused = () => Promise.reject(new Failure("CONTENT_REFUSED", "no"));
  expect(await replace(refused)).toEqual({ word: "never", noted: [] });
});

test("a producer's own draft that is gone can't be made anew, but goes on by the msg_data_id of a batch", async () => {
  const never = () => Promise.reject(new Error("nothing is renewed"));
  expect(await replace(never, { message: mpnews("D1") })).toEqual({ word: "never", noted: [] });
  expect(await replace(never, { message: mpnews("D1"), dataId: "7" })).toEqual({
    word: "now",
    noted: [{ spent: "D1" }],
  });
});

test("a draft that is known to be gone is made anew before another call, and nothing is sent until then", async () => {
  const gone = { id: "c", account: "a", prepared: draft("D1"), spent: ["D1"] } as never;
  const waiting = open(async () => busy);
  expect(await waiting.media.freshen(gone, {} as never)).toEqual(busy);
  expect(waiting.noted).toEqual([]);
  const { media, noted } = open(async () => ({ kind: "done", value: draft("D2") }));
  expect(await media.freshen(gone, {} as never)).toMatchObject({ prepared: draft("D2") });
  expect(noted).toEqual([{ prepared: draft("D2") }]);
});

test("a draft that is gone is not made anew where a msg_data_id stands for it", async () => {
  const { media } = open(() => Promise.reject(new Error("nothing is renewed")));
  const campaign = { id: "c", account: "a", prepared: draft("D1"), spent: ["D1"], dataId: "7" } as never;
  expect(await media.freshen(campaign, {} as never)).toBe(campaign);
});
