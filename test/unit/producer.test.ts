import { expect, test } from "vitest";
import { createProducer } from "../../src/producer/producer.ts";

test.each([{}, { redisUrl: undefined }, { redisUrl: "localhost" }, { connection: undefined }])(
  "a producer that can reach nothing by %j is refused when it is made",
  (options) => {
    expect(() => createProducer(options as never)).toThrow(
      expect.objectContaining({ code: "BAD_CONFIG", message: expect.stringMatching(/^redisUrl: .*redis:/) }),
    );
  },
);

test.each<[unknown, string]>([
  [undefined, "{ redisUrl } or { connection }"],
  [null, "{ redisUrl } or { connection }"],
  ["redis://127.0.0.1:1", "{ redisUrl } or { connection }"],
  [{ connection: {} }, "connection to be an ioredis, not its options"],
  [{ connection: { host: "127.0.0.1", port: 6379 } }, "connection to be an ioredis, not its options"],
  [{ connection: null }, "connection to be an ioredis, not its options"],
  [{ redisUrl: "redis://127.0.0.1:1", connection: {} }, "redisUrl or connection, not both"],
])(
  "options of a producer that are none are refused when it is made, with what was expected: %j",
  (options, expected) => {
    expect(() => createProducer(options as never)).toThrow(
      expect.objectContaining({ code: "INVALID_PARAMETER", message: `createProducer: expected ${expected}` }),
    );
  },
);
