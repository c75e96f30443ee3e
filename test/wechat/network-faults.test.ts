import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { Failure } from "../../src/failure.ts";
import { createLogger } from "../../src/log.ts";
import { openClient } from "../../src/wechat/client.ts";
import { createMass } from "../../src/wechat/mass.ts";
import type { SendReply } from "../../src/wechat/send-reply.ts";
import { fetchStableToken } from "../../src/wechat/stable-token.ts";
import { type Fault, faults, type Trouble } from "./network-faults.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const outcomes: Record<SendReply["kind"], string> = {
  accepted: "accepted",
  already: "already",
  doubt: "in doubt",
  "not-now": "not now",
  token: "not now",
  "never-left": "never left",
  refused: "refused",
};
/** A send as large as they get: it does not fit into the buffers on the way. */
const body = JSON.stringify({ touser: Array(10_000).fill("oTEST00000000000000000000001") });

async function meet(fault: Fault): Promise<Trouble> {
  const trouble = await fault.meet();
  closers.push(trouble.close);
  return trouble;
}

function clientOf({ apiBase, proxy = {} }: Trouble) {
  const log = createLogger("silent");
  const account = { apiBase };
  const client = openClient({ account, sendTimeoutMs: 500, proxy, clock: systemClock, log });
  closers.push(client.close);
  return client;
}

const massOf = ({ call }: ReturnType<typeof clientOf>) =>
  createMass({ call, token: { get: async () => "token", replace: async () => "token" } });

const met = Object.entries(faults).filter(([, { trusted }]) => !trusted);

describe("the network to WeChat", () => {
  it("has its outcomes told in docs/failures.md, all of them and no others", () => {
    const section = readFileSync("docs/failures.md", "utf8").split("## The network to WeChat")[1] ?? "";
    const rows = [...section.matchAll(/^\| ([^|]+) \| ([a-z ]+) \|$/gm)].map(([, what, outcome]) => [
      what,
      outcome,
    ]);
    const table = Object.entries(faults).map(([what, { outcome }]) => [what, outcome]);
    expect(rows.slice(1)).toEqual(table);
  });

  it.each(met)("a send meets %s", async (_what, fault) => {
    const reply = await massOf(clientOf(await meet(fault))).send("token", {
      path: "/cgi-bin/message/mass/send",
      body,
    });
    expect(outcomes[reply.kind], JSON.stringify(reply)).toBe(fault.outcome);
  });

  it.each(met.filter(([, { outcome }]) => outcome === "in doubt" || outcome === "never left"))(
    "neither a poll nor a call for a token comes to more than a further try when it meets %s",
    async (_what, fault) => {
      const client = clientOf(await meet(fault));
      expect(await massOf(client).get("3147494441")).toMatchObject({ kind: "unclear" });
      const token = fetchStableToken(client.call, { appid: "wx0", secret: "a-secret" }, false);
      const failure = await token.catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(Failure);
      expect(failure).toMatchObject({ code: "WECHAT_UNREACHABLE" });
    },
  );

  it.each(Object.entries(faults).filter(([, { trusted }]) => trusted))(
    "a send meets %s, whoever vouches for it",
    async (_what, fault) => {
      expect(await askTrusting((await meet(fault)).apiBase)).toMatchObject({
        kind: fault.outcome.replace(" ", "-"),
      });
    },
  );

  it("a certificate of this host that somebody vouches for is trusted", async () => {
    const good = faults["a certificate that nobody vouches for"];
    if (!good) throw new Error("no such fault");
    expect(await askTrusting((await meet(good)).apiBase)).toMatchObject({ kind: "accepted" });
  });
});

/** What a send gets in a process that trusts the certificates of test/fixtures/tls. */
async function askTrusting(apiBase: string): Promise<unknown> {
  const program = `
    const { openClient } = await import("./src/wechat/client.ts");
    const { createMass } = await import("./src/wechat/mass.ts");
    const log = { debug() {} };
    const client = openClient({ account: { apiBase: ${JSON.stringify(apiBase)} }, sendTimeoutMs: 5000, proxy: {}, clock: Date, log });
    const reply = await createMass({ call: client.call, token: {} }).send("token", { path: "/cgi-bin/message/mass/send", body: "{}" });
    process.stdout.write(JSON.stringify(reply));`;
  const trusted = fileURLToPath(new URL("../fixtures/tls/trusted.pem", import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "--eval", program],
    { env: { PATH: process.env.PATH ?? "", NODE_EXTRA_CA_CERTS: trusted } },
  );
  return JSON.parse(stdout);
}
