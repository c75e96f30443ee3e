import fc from "fast-check";
import { beforeAll, inject, test } from "vitest";
import type { Move } from "../../src/campaign/move.ts";
import { calmDown } from "./calm.ts";
import { type Gate, open, type Stop } from "./gate.ts";
import { createLife, type Life } from "./life.ts";
import { expectPromises } from "./promises.ts";
import { howOften, makeReplayable } from "./replay.ts";
import { createTraffic } from "./traffic.ts";
import { type Course, people, SEND_TIMEOUT_MS, type Weather } from "./wechat.ts";
import { type ModelWorker, openWorld, RESEND_WAIT_MS, type World } from "./world.ts";

const second = 1_000;
/** When a call has not been settled, another worker takes its batch over: one call of the account, each time. */
const TAKEN_OVER_MS = SEND_TIMEOUT_MS + RESEND_WAIT_MS;
const traffic = createTraffic();

/** What meets in one program; where each stands when the others go on is the scheduler's to draw. */
type Meeting = {
  /** How many campaigns, and whether they are planned already. */
  readonly campaigns: number;
  readonly planned: boolean;
  /** Which jobs each worker takes: due ones, or, beyond those, one that another is just running. */
  readonly takes: readonly (readonly number[])[];
  readonly stop: Stop | undefined;
  readonly weather: readonly Weather[];
  readonly courses: readonly Course[];
  /** How often the result of each message is pushed. */
  readonly pushes: number;
  readonly passes: readonly number[];
  readonly moves: readonly (Move | "pause account" | "resume account")[];
};

const anyMeeting: fc.Arbitrary<Meeting> = fc.record({
  campaigns: fc.integer({ min: 1, max: 2 }),
  planned: fc.boolean(),
  takes: fc.array(fc.array(fc.nat({ max: 7 }), { minLength: 2, maxLength: 6 }), {
    minLength: 2,
    maxLength: 2,
  }),
  stop: fc.option(
    fc.record({ at: fc.integer({ min: 1, max: 60 }), effect: fc.constantFrom("before", "after") }),
    { nil: undefined },
  ),
  weather: fc.array(
    fc.record({ kind: fc.constantFrom("lost" as const, "answer-lost" as const, "never-left" as const) }),
    { maxLength: 2 },
  ),
  courses: fc.array(fc.constantFrom<Course[]>("success", "fail", "audit"), { maxLength: 2 }),
  pushes: fc.nat({ max: 2 }),
  passes: fc.array(fc.constantFrom(second, 3 * second, 81 * second), { maxLength: 4 }),
  moves: fc.array(
    fc.constantFrom<Meeting["moves"][number][]>(
      "pause",
      "resume",
      "cancel",
      "pause account",
      "resume account",
    ),
    {
      maxLength: 2,
    },
  ),
});

/** Runs jobs one after the other; where none is due, it looks again later. */
async function work(
  world: World,
  worker: ModelWorker,
  takes: readonly number[],
  gate: () => Gate,
): Promise<void> {
  for (const take of takes) {
    await gate()("look for a job", async () => {});
    const due = world.shelf.due();
    const all = [...due, ...world.shelf.all().filter(({ state }) => state === "running")];
    const job = all[take % Math.max(1, all.length)];
    if (job) await worker.run(job);
  }
}

async function meet(
  life: Life,
  { takes, stop, pushes, passes, moves }: Meeting,
  gate: () => Gate,
): Promise<void> {
  const { world } = life;
  const server = world.createServer();
  const pushed: Promise<unknown>[] = [];
  world.wechat.onAccept((job) => {
    for (let count = 0; count < pushes; count++)
      pushed.push(server.deliver(world.wechat.resultOf(job)).then(() => world.wechat.hear(job)));
  });
  const [mortal, other, third] = [world.createWorker(), world.createWorker(), world.createWorker()];
  const [some = [], more = []] = takes;
  await Promise.all([
    mortal.attempt(() => work(world, mortal, some, gate), stop),
    work(world, other, more, gate),
    third.reconcile(),
    inTurn(passes, (ms) => gate()("time passes", () => world.pass(ms))),
    inTurn(moves, (move) => make(life, move)),
  ]);
  await Promise.all(pushed);
}

async function inTurn<One>(all: readonly One[], deed: (one: One) => Promise<unknown>): Promise<void> {
  for (const one of all) await deed(one);
}

function make(life: Life, move: Meeting["moves"][number]): Promise<void> {
  if (move === "pause account") return life.moveAccount("pause");
  if (move === "resume account") return life.moveAccount("resume");
  return life.move(move, 0);
}

beforeAll(makeReplayable);

/** A drawn meeting, in a drawn order; afterwards all comes to its end, and every promise holds. */
async function live(scheduler: fc.Scheduler, meeting: Meeting): Promise<void> {
  let through = open;
  const gate = () => through;
  const world = openWorld(inject("redisUrl"), gate);
  try {
    const life = createLife(world);
    for (let count = 0; count < meeting.campaigns; count++)
      life.order({ entries: people.map((_, at) => at), ...NO_WISHES });
    if (meeting.planned) {
      await life.workAll(meeting.campaigns);
      await world.pass(3 * second);
    }
    world.wechat.weather.push(...meeting.weather);
    world.wechat.courses.push(...meeting.courses);
    through = traffic.gateOf(scheduler);
    await scheduler.waitFor(meet(life, meeting, gate));
    through = open;
    world.wechat.onAccept(() => {});
    life.endQuiet();
    await calmDown(world, "come");
    const takenOver = meeting.passes.filter((ms) => ms > TAKEN_OVER_MS).length;
    await expectPromises(life, takenOver + (meeting.stop ? 1 : 0));
  } finally {
    through = open;
    await world.close();
  }
}

const anySchedule = () => fc.scheduler({ act: traffic.act });

test("two workers, one of which may die, results, the reconciler and people, in whatever order their awaits return", async () => {
  await fc.assert(fc.asyncProperty(anySchedule(), anyMeeting, live), howOften(100));
});

test("a person's pause or cancel and a worker amid its calls: from the answer on nothing is called", async () => {
  const stops = fc.constantFrom<Meeting["moves"][number][]>("pause", "cancel", "pause account");
  const meeting = stops.map((move) => ({ ...AMID_CALLS, moves: [move] }));
  await fc.assert(fc.asyncProperty(anySchedule(), meeting, live), howOften(100));
});

/** Few who meet: what is to be told apart lies within a few awaits. */
const AMID_CALLS: Meeting = {
  campaigns: 1,
  planned: true,
  takes: [[0, 0, 0, 0], []],
  stop: undefined,
  weather: [],
  courses: [],
  pushes: 0,
  passes: [],
  moves: [],
};

const NO_WISHES = {
  perUserPerMonth: undefined,
  overCap: undefined,
  hold: undefined,
  startsInMs: undefined,
  endsInMs: undefined,
};
