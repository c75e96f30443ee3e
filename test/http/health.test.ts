import { expect, test } from "vitest";
import { openDoor } from "./door.ts";

async function healthOf(path: string, ping: () => Promise<unknown>, countWorkers = async () => 3) {
  const door = await openDoor({ health: { ping, countWorkers } });
  const { status, headers, json } = await door.ask(path);
  await door.close();
  expect(headers["retry-after"]).toBe(status === 503 ? "5" : undefined);
  return [status, json()];
}

const refused = () => Promise.reject(new Error("Connection is closed."));
const never = () => new Promise<never>(() => {});
const pong = async () => "PONG";
const away = { status: "unavailable", redis: "away", workers: null };

test("/healthz is ok whatever Redis does", async () => {
  expect(await healthOf("/healthz", refused)).toEqual([200, { status: "ok" }]);
});

test("/readyz is 200 and counts the workers while Redis answers", async () => {
  expect(await healthOf("/readyz", pong)).toEqual([200, { status: "ok", redis: "ok", workers: 3 }]);
  expect(await healthOf("/readyz", pong, async () => 0)).toMatchObject([200, { workers: 0 }]);
});

test("/readyz is 200 without a count when Redis won't tell its clients", async () => {
  expect(await healthOf("/readyz", pong, refused)).toEqual([
    200,
    { status: "ok", redis: "ok", workers: null },
  ]);
});

test("/readyz is 503 when Redis refuses, and when it says nothing", async () => {
  expect(await healthOf("/readyz", refused)).toEqual([503, away]);
  expect(await healthOf("/readyz", never, never)).toEqual([503, away]);
});
