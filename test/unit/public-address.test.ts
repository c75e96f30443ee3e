import { describe, expect, test } from "vitest";
import { createPublicLookup, isPublicAddress } from "../../src/fetch/public-address.ts";

const special = [
  ...["0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254"],
  ...[
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
  ],
  ...["198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255"],
  ...["240.0.0.1", "255.255.255.255"],
  ...[
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:7f00:1",
    "::ffff:0:127.0.0.1",
  ],
  ...[
    "64:ff9b::127.0.0.1",
    "64:ff9b::1.1.1.1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:2::1",
    "2001:10::1",
  ],
  ...["2001:db8::1", "2002:7f00:1::", "2002:a00:1::", "3fff::1", "4000::1", "5f00::1", "fc00::1", "fd12::1"],
  ...["fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1"],
];

const publicOnes = [
  ...[
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.0.1",
    "172.32.0.1",
    "169.253.0.1",
    "223.5.5.5",
  ],
  ...["2606:4700:4700::1111", "2400:3200::1", "::ffff:1.1.1.1"],
];

describe("an address", () => {
  test.each(special)("%s is not public", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each(publicOnes)("%s is public", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  test.each(["", "localhost", "1.1.1", "1.1.1.1.1", "[::1]", "1.1.1.1 "])("%j is none", (text) => {
    expect(isPublicAddress(text)).toBe(false);
  });
});

describe("a connection's look-up", () => {
  const addresses = [
    { address: "1.1.1.1", family: 4 },
    { address: "2606:4700:4700::1111", family: 6 },
  ];
  const ask = (all: boolean, resolve = async () => addresses) =>
    new Promise((done) => {
      createPublicLookup(resolve)("example.com", { all }, (error, ...found) => done(error ?? found));
    });

  test("hands over the very addresses that were checked", async () => {
    let asked = 0;
    const resolve = async () => {
      asked += 1;
      return addresses;
    };
    expect(await ask(true, resolve)).toEqual([addresses]);
    expect(await ask(false, resolve)).toEqual(["1.1.1.1", 4]);
    expect(asked).toBe(2);
  });

  test("fails for a name without an address, and for one that has a private one behind a public one", async () => {
    expect(await ask(true, async () => [])).toBeInstanceOf(Error);
    const spoilt = [...addresses, { address: "fd00::1", family: 6 }];
    expect(await ask(false, async () => spoilt)).toMatchObject({ code: "FETCH_REFUSED" });
  });
});
