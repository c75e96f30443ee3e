import type { Move } from "../../src/campaign/move.ts";
import { Failure } from "../../src/failure.ts";
import type { Stop } from "./gate.ts";
import { ACCOUNT, people } from "./wechat.ts";
import type { ModelWorker, World } from "./world.ts";

/** A campaign as its producer asked for it. */
export type Order = {
  /** Entries by number: a person, or, beyond those, no OpenID. */
  readonly entries: readonly number[];
  readonly perUserPerMonth: number | undefined;
  readonly overCap: "fail" | undefined;
  readonly hold: "first-batch" | undefined;
  readonly startsInMs: number | undefined;
  readonly endsInMs: number | undefined;
};

export type Ordered = { readonly id: string; readonly entries: readonly string[] };

/** From a pause or a cancel that was answered until its resume: by the number of sends that there were. */
type Quiet = { readonly campaign: string | undefined; readonly from: number; until: number };

export type Crash = Stop & { readonly thaws: boolean };

/** What has been done to a world, in the words of those who do it. */
export function createLife(world: World) {
  const { clock, shelf, wechat } = world;
  const ordered: Ordered[] = [];
  const quiet: Quiet[] = [];
  let stops = 0;
  const frozen: { worker: ModelWorker; rest: Promise<unknown> }[] = [];
  let worker = world.createWorker();
  let server = world.createServer();

  /** One that stopped is not used any more; frozen it may go on later. */
  function retire(rest: Promise<unknown>, thaws: boolean): void {
    rest.catch(() => {});
    stops += 1;
    if (thaws) frozen.push({ worker, rest });
    worker = world.createWorker();
  }

  const at = <One>(all: readonly One[], which: number): One | undefined =>
    all[which % Math.max(1, all.length)];

  return {
    world,
    ordered: ordered as readonly Ordered[],
    quiet: quiet as readonly Quiet[],
    /** How many workers have stopped in the midst of something. */
    stops: () => stops,

    order({ entries, startsInMs, endsInMs, ...wishes }: Order): void {
      const id = `c${ordered.length + 1}`;
      const openids = entries.map((entry) => people[entry] ?? "nobody");
      ordered.push({ id, entries: openids });
      const iso = (ms: number) => new Date(clock.now() + ms).toISOString();
      const schedule = {
        ...(startsInMs !== undefined && { startAt: iso(startsInMs) }),
        ...(endsInMs !== undefined && { deadline: iso(endsInMs) }),
      };
      shelf.add("campaigns", id, {
        ...{ account: ACCOUNT, message: { msgtype: "text", text: { content: id } } },
        ...{ audience: { type: "openids", openids }, schedule, ...wishes },
      });
    },

    async work(which: number, crash?: Crash): Promise<void> {
      const job = at(shelf.due(), which);
      if (!job) return;
      const { rest } = await worker.attempt(() => worker.run(job), crash);
      if (worker.isStopped()) retire(rest, crash?.thaws ?? false);
    },

    async workAll(most: number): Promise<void> {
      for (let done = 0; done < most; done++) {
        const [job] = shelf.due();
        if (!job) return;
        await worker.run(job);
      }
    },

    async thaw(which: number): Promise<void> {
      const [one] = frozen.splice(which % Math.max(1, frozen.length), 1);
      one?.worker.thaw();
      await one?.rest;
    },

    async reconcile(crash?: Crash): Promise<void> {
      const { rest } = await worker.attempt(worker.reconcile, crash);
      if (worker.isStopped()) retire(rest, crash?.thaws ?? false);
    },

    /** Pushes a result, for the first time or again. */
    async push(which: number, crash?: Stop): Promise<void> {
      const one = at(wechat.accepted, which);
      if (!one) return;
      const { rest } = await server.deliver(wechat.resultOf(one.job), crash);
      if (!server.isStopped()) return wechat.hear(one.job);
      rest.catch(() => {});
      server = world.createServer();
    },

    async move(move: Move, which: number): Promise<void> {
      const one = at(ordered, which);
      if (!one) return;
      await made(async () => {
        if (move === "resume") speak(one.id);
        const { state } = await server.moves.campaign(one.id, move, { who: "model" });
        if (move !== "resume") hush(one.id, state === "canceling" || state === "canceled");
      });
    },

    async moveAccount(move: "pause" | "resume"): Promise<void> {
      if (move === "resume") speak(undefined);
      await server.moves.account(ACCOUNT, move, { who: "model" });
      if (move === "pause") hush(undefined);
    },

    /** A person deletes a job that holds no list any more. */
    lose(which: number): void {
      const job = at(
        shelf
          .all()
          .filter(({ data, state }) => state !== "running" && !JSON.stringify(data).includes("openids")),
        which,
      );
      if (job) shelf.lose(job);
    },

    /** All that was held back by a person may go on. */
    endQuiet(): void {
      for (const one of quiet) one.until = Math.min(one.until, wechat.sends.length);
    },
  };

  function hush(campaign: string | undefined, forEver = false): void {
    if (!forEver && quiet.some((one) => one.campaign === campaign && one.until === Number.POSITIVE_INFINITY))
      return;
    quiet.push({ campaign, from: wechat.sends.length, until: Number.POSITIVE_INFINITY });
  }

  function speak(campaign: string | undefined): void {
    for (const one of quiet)
      if (one.campaign === campaign) one.until = Math.min(one.until, wechat.sends.length);
  }

  /** A move that the campaign does not take, or of one that is not taken in yet, does nothing. */
  async function made(deed: () => Promise<void>): Promise<void> {
    try {
      await deed();
    } catch (failure) {
      if (!(failure instanceof Failure && ["ILLEGAL_MOVE", "NOT_FOUND"].includes(failure.code)))
        throw failure;
    }
  }
}

export type Life = ReturnType<typeof createLife>;
