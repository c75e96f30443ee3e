import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDoor } from "./door.ts";
import { batch, campaign, createLedger, openid } from "./ledger.ts";

const store = createLedger();
let door: Awaited<ReturnType<typeof openDoor>>;
beforeAll(async () => {
  store.campaigns.push(campaign("here", { planned: 1 }));
  store.people.set(openid("one"), { outcome: "capped" });
  door = await openDoor({ ledger: store.ledger });
});
afterAll(() => door.close());

const paths = ["/v1/campaigns", "/v1/campaigns/here", "/v1/campaigns/here/batches"];

describe("what callers ask for again and again", () => {
  test.each(paths)("%s is answered 304 to who has it, until it changes", async (path) => {
    store.batches.length = 0;
    const first = await door.ask(path);
    expect(first.headers).toMatchObject({
      etag: expect.stringMatching(/^W\/"[0-9a-f]+"$/),
      "cache-control": "private, no-cache",
    });
    const having = { headers: { "if-none-match": first.headers.etag } };
    const again = await door.ask(path, having);
    expect(again).toMatchObject({ status: 304, text: "" });
    expect(again.headers).toMatchObject({
      etag: first.headers.etag,
      "cache-control": "private, no-cache",
      "x-content-type-options": "nosniff",
    });
    expect(again.headers).not.toHaveProperty("content-type");
    expect(await door.ask(path, { ...having, method: "HEAD" })).toMatchObject({ status: 304 });

    store.batches.push(batch("here", 1, { state: "accepted", msgId: "1", calls: 1 }));
    const changed = await door.ask(path, having);
    expect(changed.status).toBe(200);
    expect(changed.headers.etag).not.toBe(first.headers.etag);
  });

  test("is asked for by whichever ETag, strong or weak or any", async () => {
    const { etag = "" } = (await door.ask("/v1/campaigns/here")).headers;
    for (const given of [etag, etag.replace("W/", ""), `"x", ${etag}`, "*"])
      expect(await door.ask("/v1/campaigns/here", { headers: { "if-none-match": given } })).toMatchObject({
        status: 304,
      });
  });
});

test.each([
  `/v1/campaigns/here/recipients/${openid("one")}`,
  "/v1/accounts/acme/do-not-send",
  `/v1/accounts/acme/caps/${openid("one")}`,
])("%s speaks of a person and may be kept nowhere", async (path) => {
  const { status, headers } = await door.ask(path);
  expect([status, headers["cache-control"], headers.etag]).toEqual([200, "no-store", undefined]);
});

test("a failure has no ETag and may be kept nowhere", async () => {
  const { status, headers } = await door.ask("/v1/campaigns/nobody", { headers: { "if-none-match": "*" } });
  expect([status, headers["cache-control"], headers.etag]).toEqual([404, "no-store", undefined]);
});
