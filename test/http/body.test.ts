import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { test } from "vitest";
import { chunksOf } from "../../src/http/body.ts";
import { until } from "../support/until.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

test("pieces of a body are let go while it is read: a list of any length takes no more memory", async () => {
  const pieces = 50;
  let made = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (made++ === pieces) controller.close();
      else controller.enqueue(new Uint8Array(100_000));
    },
  });
  const request = new Request("http://127.0.0.1/", { method: "POST", body, duplex: "half" } as RequestInit);
  const seen: WeakRef<Uint8Array>[] = [];
  const chunks = chunksOf(request, 60_000);
  while (seen.length < pieces - 1) {
    const { value } = await chunks.next();
    if (value) seen.push(new WeakRef(value));
  }
  const held = () => {
    collectGarbage();
    return seen.filter((piece) => piece.deref() !== undefined).length;
  };
  await until(async () => held() <= 5, { timeoutMs: 5_000, describe: held });
  await chunks.return(undefined);
});
