import { PassThrough, Readable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { Account } from "../../src/campaign/account.ts";
import type { Signature } from "../../src/campaign/audit.ts";
import { runCommandLine } from "../../src/cli/program.ts";
import { createCampaignDesk } from "../../src/compose-campaigns.ts";
import { createLogger } from "../../src/log.ts";
import { noLists, noOperations, noWechat } from "../support/no-desk.ts";
import { account, type Rig } from "./rig.ts";

export type Options = {
  isTty?: boolean;
  /** Whether what is typed comes from a terminal. */
  isTyped?: boolean;
  columns?: number;
  env?: Record<string, string>;
  /** What a person types. */
  input?: string;
  interrupt?: Promise<unknown>;
  moved?: Signature[];
  /** Said before each part of an export but the first. */
  beforePart?: () => Promise<unknown>;
};

/** A stream that says of itself that a person sees it. */
function screen(isTty: boolean, columns: number) {
  const stream = Object.assign(new PassThrough(), { isTTY: isTty, columns, rows: 24 });
  let shown = "";
  stream.on("data", (chunk) => {
    shown += chunk;
  });
  return { stream, shown: () => shown };
}

/** `pressed` is for the option `interrupt`. */
export function createCtrlC() {
  let press = () => {};
  const pressed = new Promise<void>((resolve) => {
    press = resolve;
  });
  return { press, pressed };
}

const named = { id: account, appid: "wx0123456789abcdef", secret: "s", kind: "service", token: "t" };
const acme = Account.parse(named);

/** Runs `qunfa` in this process on the ledger of a rig, whose account is that of the accounts file. */
export function start(
  rig: Rig,
  args: readonly string[],
  {
    isTty = true,
    isTyped = false,
    columns = 80,
    env = {},
    input,
    interrupt,
    moved,
    beforePart,
  }: Options = {},
) {
  const [stdout, stderr] = [screen(isTty, columns), screen(isTty, columns)];
  const config = { accounts: [acme], sendTimeoutMs: 1_000, webhookSecrets: [], allowPrivateUrls: [] };
  const desk = createCampaignDesk({ ...rig, config, log: createLogger("silent") });
  const code = runCommandLine(args, {
    env,
    stdin: Object.assign(Readable.from(input === undefined ? [] : [input]), isTyped && { isTTY: true }),
    ...{ stdout: stdout.stream, stderr: stderr.stream },
    open: async () => ({
      ...{ ...noLists, ...noWechat, ...noOperations, accounts: new Map(), clock: rig.clock },
      ...{ caps: rig.caps, bookings: {} as never, close: async () => {} },
      campaigns: {
        ...desk,
        recipients: async function* (campaign) {
          for await (const some of desk.recipients(campaign)) {
            yield some;
            await beforePart?.();
          }
        },
        move: (id, move, by) => {
          moved?.push(by);
          return desk.move(id, move, by);
        },
      },
    }),
    openDoctor: () => Promise.reject(new Error("the doctor was called")),
    openSandbox: () => Promise.reject(new Error("a sandbox was started")),
    onInterrupt: (listener) => {
      void interrupt?.then(listener);
      return () => {};
    },
  });
  return { code, stdout: stdout.shown, stderr: stderr.shown };
}

export async function run(...given: Parameters<typeof start>) {
  const { code, stdout, stderr } = start(...given);
  const exit = await code;
  await turn();
  return { code: exit, stdout: stdout(), stderr: stderr() };
}
