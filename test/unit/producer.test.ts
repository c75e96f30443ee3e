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
