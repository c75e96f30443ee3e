import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { until } from "../support/until.ts";
import { failureOf, fetcher, servePlain, serveTls } from "./web.ts";

const never = () => Promise.reject(new Error("nothing is looked up here"));

describe("a fetch", () => {
  test("brings the bytes, the type and where they were", async () => {
    const web = await serveTls((_, response) => {
      response.setHeader("content-type", "image/png").end("bytes");
    });
    const fetched = await fetcher([web.host])(`${web.url}/a?b=c`);
    expect(fetched.bytes.toString()).toBe("bytes");
    expect(fetched).toMatchObject({ contentType: "image/png", url: `${web.url}/a?b=c` });
  });

  test("goes to a server of the list by http too, with and without its port", async () => {
    const web = await servePlain((_, response) => response.end("bytes"));
    expect((await fetcher([web.host])(web.url)).bytes.toString()).toBe("bytes");
    expect((await fetcher(["127.0.0.1"])(web.url)).bytes.toString()).toBe("bytes");
    expect(await failureOf(fetcher(["127.0.0.1:1"])(web.url))).toMatchObject({ code: "FETCH_REFUSED" });
    expect(web.seen).toHaveLength(2);
  });

  test("asks for bytes as they are, and says who asks", async () => {
    let headers = {};
    const web = await serveTls((request, response) => {
      headers = request.headers;
      response.end();
    });
    await fetcher([web.host])(web.url);
    expect(headers).toMatchObject({ "accept-encoding": "identity", "user-agent": "qunfa" });
  });

  test("trusts no certificate that nobody vouches for, or of another host", async () => {
    const other = await serveTls((_, response) => response.end("bytes"), "other-host");
    const failure = await failureOf(fetcher([other.host])(other.url));
    expect(failure.code).toBe("FETCH_FAILED");
    expect(other.seen).toEqual([]);
  });
});

describe("an address that is not public is refused before anybody is asked", () => {
  test.each([
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://0/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://10.0.0.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://[fe80::1]/",
    "http://example.com/",
    "http://1.1.1.1/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "data:image/png;base64,AAAA",
    "https://user:hunter2@example.com/",
    "pictures/a.png",
  ])("%s", async (address) => {
    const failure = await failureOf(fetcher([], { resolve: never })(address));
    expect(failure.code).toBe("FETCH_REFUSED");
    expect(failure.message).not.toContain("hunter2");
  });

  test.each([
    ["loopback", [{ address: "127.0.0.1", family: 4 }]],
    ["loopback of IPv6", [{ address: "::1", family: 6 }]],
    ["a mapped loopback", [{ address: "::ffff:127.0.0.1", family: 6 }]],
    [
      "a public and a private one",
      [
        { address: "1.1.1.1", family: 4 },
        { address: "10.0.0.1", family: 4 },
      ],
    ],
  ])("by a name that leads to %s", async (_, addresses) => {
    const web = await serveTls((_, response) => response.end("secret"));
    const port = new URL(web.url).port;
    const get = fetcher([], { resolve: async () => addresses });
    const failure = await failureOf(get(`https://localhost:${port}/a?key=secret`));
    expect(failure.code).toBe("FETCH_REFUSED");
    expect(failure.message).toBe(
      `https://localhost:${port}/a?…: its name leads to an address that is not public`,
    );
    expect(web.seen).toEqual([]);
  });

  test("by the name localhost, as the system resolves it", async () => {
    const web = await serveTls((_, response) => response.end("secret"));
    const failure = await failureOf(fetcher([])(`https://localhost:${new URL(web.url).port}/`));
    expect(failure.code).toBe("FETCH_REFUSED");
    expect(web.seen).toEqual([]);
  });

  test("and a name that does not resolve may do so later", async () => {
    expect(await failureOf(fetcher([], { resolve: never })("https://nowhere.example/"))).toMatchObject({
      code: "FETCH_FAILED",
      message: "https://nowhere.example/: nothing is looked up here",
    });
  });
});

describe("a redirect", () => {
  test("is followed, with a relative address too", async () => {
    const web = await serveTls((request, response) => {
      if (request.url === "/b/d") response.end("bytes");
      else
        response
          .writeHead(request.url === "/a" ? 302 : 307, { location: request.url === "/a" ? "/b/c" : "d" })
          .end();
    });
    const fetched = await fetcher([web.host])(`${web.url}/a`);
    expect(fetched.url).toBe(`${web.url}/b/d`);
    expect(fetched.bytes.toString()).toBe("bytes");
  });

  test("to a private address is refused, and nobody asked there", async () => {
    const inner = await serveTls((_, response) => response.end("secret"));
    const web = await serveTls((_, response) => response.writeHead(302, { location: inner.url }).end());
    expect(await failureOf(fetcher([web.host])(web.url))).toMatchObject({
      code: "FETCH_REFUSED",
      message: `${inner.url}/: it is not a public address`,
    });
    expect(inner.seen).toEqual([]);
  });

  test("to a name that leads to a private address is refused, and nobody asked there", async () => {
    const inner = await serveTls((_, response) => response.end("secret"));
    const location = `https://localhost:${new URL(inner.url).port}/`;
    const web = await serveTls((_, response) => response.writeHead(301, { location }).end());
    const resolve = async () => [{ address: "127.0.0.1", family: 4 }];
    expect(await failureOf(fetcher([web.host], { resolve })(web.url))).toMatchObject({
      code: "FETCH_REFUSED",
    });
    expect(inner.seen).toEqual([]);
  });

  test.each(["http://example.com/", "file:///etc/passwd", "https://[::", "data:,x"])(
    "to %s is refused",
    async (location) => {
      const web = await serveTls((_, response) => response.writeHead(302, { location }).end());
      expect(await failureOf(fetcher([web.host], { resolve: never })(web.url))).toMatchObject({
        code: "FETCH_REFUSED",
      });
    },
  );

  test("that never ends is given up after five", async () => {
    const web = await serveTls((_, response) => response.writeHead(302, { location: "/on" }).end());
    const failure = await failureOf(fetcher([web.host])(web.url));
    expect(failure).toMatchObject({ code: "FETCH_REFUSED" });
    expect(failure.message).toContain("more than 5 times");
    expect(web.seen).toHaveLength(6);
  });
});

describe("an answer", () => {
  test("that says it is too large is not read, and its size is named", async () => {
    const web = await serveTls((_, response) => {
      response.writeHead(200, { "content-length": 3_145_728 });
      response.write("x");
    });
    expect(await failureOf(fetcher([web.host])(`${web.url}/a.png`))).toMatchObject({
      code: "CONTENT_TOO_LARGE",
      message: `${web.url}/a.png: it has 3145728 bytes, and 1000 bytes are the most`,
    });
  });

  test("that does not say its length is read up to the limit, then the connection is cut", async () => {
    let written = 0;
    let cut = false;
    const web = await serveTls((_, response) => {
      const pour = () => {
        while (!cut && response.write(Buffer.alloc(16_384))) written += 16_384;
      };
      response.on("drain", pour).on("close", () => {
        cut = true;
      });
      pour();
    });
    expect(await failureOf(fetcher([web.host])(web.url))).toMatchObject({ code: "CONTENT_TOO_LARGE" });
    await until(() => cut);
    expect(written).toBeLessThan(20_000_000);
  });

  test("of just the limit is taken", async () => {
    const web = await serveTls((_, response) => response.end(Buffer.alloc(1_000)));
    expect((await fetcher([web.host])(web.url)).bytes.length).toBe(1_000);
  });

  test("that is compressed though asked not to be, such as a bomb, is refused without a look inside", async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const web = await serveTls((_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
    });
    const failure = await failureOf(fetcher([web.host], { limitBytes: 1_000_000 })(web.url));
    expect(failure.code).toBe("FETCH_REFUSED");
    expect(failure.message).toContain("compresses");
  });

  test.each([
    [404, "FETCH_REFUSED"],
    [403, "FETCH_REFUSED"],
    [304, "FETCH_REFUSED"],
    [204, "FETCH_REFUSED"],
    [429, "FETCH_FAILED"],
    [408, "FETCH_FAILED"],
    [500, "FETCH_FAILED"],
    [503, "FETCH_FAILED"],
  ])("of status %i is %s", async (status, code) => {
    const web = await serveTls((_, response) => response.writeHead(status).end());
    const failure = await failureOf(fetcher([web.host])(web.url));
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(`answered ${status}`);
  });

  test.each([
    ["never begins", () => {}],
    ["drips", (write: (text: string) => void) => write("x")],
  ])("that %s ends at the time-out, and the connection with it", async (_, pour) => {
    let cut = false;
    const web = await serveTls((_request, response) => {
      const dripping = setInterval(() => pour((text) => response.write(text)), 20);
      response.on("close", () => {
        clearInterval(dripping);
        cut = true;
      });
    });
    const startedAt = Date.now();
    const failure = await failureOf(fetcher([web.host], { timeoutMs: 300 })(web.url));
    expect(failure).toMatchObject({
      code: "FETCH_FAILED",
      message: `${web.url}/: not there within 300 ms`,
    });
    expect(Date.now() - startedAt).toBeLessThan(3_000);
    await until(() => cut);
  });

  test("that breaks off is no answer", async () => {
    const web = await serveTls((_, response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("half", () => response.destroy());
    });
    expect(await failureOf(fetcher([web.host])(web.url))).toMatchObject({ code: "FETCH_FAILED" });
  });

  test("of nobody: the connection is refused", async () => {
    const web = await servePlain((_, response) => response.end());
    const failure = await failureOf(fetcher(["127.0.0.1"])("https://127.0.0.1:9/"));
    expect(failure.code).toBe("FETCH_FAILED");
    expect(web.seen).toEqual([]);
  });
});
