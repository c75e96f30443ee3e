import { expect, test } from "vitest";
import { Failure } from "../../src/failure.ts";
import { createCampaignMedia } from "../../workers/campaign-media.ts";

const mpnews = (media_id: string) => ({ msgtype: "mpnews" as const, mpnews: { media_id } });
const draft = (media_id: string) => ({ as: "draft" as const, message: mpnews(media_id) });

/** What becomes of a campaign whose draft WeChat does not know, when making another one comes to this. */
async function replace(renew: () => Promise<unknown>, campaign: object = { prepared: draft("D1") }) {
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
  const word = await media.replace({ account: "a", id: "c" as never }, "D1", {} as never);
  return { word, noted };
}

test("a draft that is gone is made anew, later if it can't be made now, and never if WeChat refuses it", async () => {
  expect(await replace(async () => ({ kind: "done", value: draft("D2") }))).toEqual({
    word: "now",
    noted: [{ prepared: draft("D2"), spent: "D1" }],
  });
  const busy = { kind: "again", trouble: { code: "IN_DOUBT", message: "busy" } };
  expect(await replace(async () => busy)).toEqual({ word: "later", noted: [] });
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
