import fc from "fast-check";
import { beforeAll, inject, test } from "vitest";
import { nextDay, nextMonth } from "../../src/campaign/calendar.ts";
import type { Move } from "../../src/campaign/move.ts";
import { calmDown } from "./calm.ts";
import { type Crash, createLife, type Life } from "./life.ts";
import { expectPromises } from "./promises.ts";
import { howOften, makeReplayable, replayPath } from "./replay.ts";
import { type Course, people, type Weather } from "./wechat.ts";
import { openWorld } from "./world.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

type Command = fc.AsyncCommand<object, Life>;

/** A command of what was drawn, which tells itself when it fails. */
function command<Drawn>(
  name: string,
  drawn: fc.Arbitrary<Drawn>,
  run: (life: Life, drawn: Drawn) => unknown,
) {
  return drawn.map(
    (one): Command => ({
      check: () => true,
      run: async (_, life) => void (await run(life, one)),
      toString: () => `${name} ${fc.stringify(one)}`,
    }),
  );
}

const which = fc.nat({ max: 9 });
const anyCrash: fc.Arbitrary<Crash> = fc.record({
  at: fc.integer({ min: 1, max: 90 }),
  effect: fc.constantFrom("before", "after"),
  thaws: fc.boolean(),
});
const mayCrash = fc.option(anyCrash, { nil: undefined, freq: 2 });

const rarely = <One>(...some: One[]) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(...some) },
  );
const order = fc.record({
  entries: fc.array(fc.nat({ max: people.length }), { minLength: 1, maxLength: 16 }),
  perUserPerMonth: rarely(1, 2),
  overCap: rarely("fail" as const),
  hold: rarely("first-batch" as const),
  startsInMs: rarely(minute, 5 * hour),
  endsInMs: rarely(6 * hour, 30 * hour),
});

/** Of each kind of answer that WECHAT.md lists one. */
const errcodes = [
  -1, 40_001, 42_001, 45_066, 45_009, 45_011, 45_028, 40_008, 40_032, 48_001, 45_064, 89_505, 99_999,
];
const weather: fc.Arbitrary<Weather> = fc.oneof(
  fc.record({ kind: fc.constantFrom("lost", "answer-lost", "late", "never-left") }),
  fc.record({
    kind: fc.constant("errcode"),
    errcode: fc.constantFrom(...errcodes),
    accepted: fc.constant(false),
  }),
  // What an answer of these says, need not be so.
  fc.record({
    kind: fc.constant("errcode"),
    errcode: fc.constantFrom(-1, 45_066),
    accepted: fc.constant(true),
  }),
);
const course = fc.constantFrom<Course[]>("success", "fail", "audit", "stuck", "deleted");
const move = fc.constantFrom<Move[]>("pause", "resume", "resume", "cancel");
const off = fc.constantFrom(-5 * second, second);

const often = <One>(times: number, one: fc.Arbitrary<One>) => new Array<fc.Arbitrary<One>>(times).fill(one);

const steps = [second, 5 * second, 30 * second, 61 * second, 81 * second, 3 * minute];
const leaps = [11 * minute, 3 * hour, 25 * hour];

const commands = fc.commands(
  [
    ...often(
      6,
      command("work", fc.record({ first: fc.nat({ max: 5 }), which, crash: mayCrash }), async (life, one) => {
        await life.workAll(one.first);
        await life.work(one.which, one.crash);
      }),
    ),
    ...often(
      2,
      command("work on all", fc.integer({ min: 4, max: 16 }), (life, most) => life.workAll(most)),
    ),
    ...often(
      3,
      command("order", order, (life, drawn) => life.order(drawn)),
    ),
    ...often(
      5,
      command("pass", fc.constantFrom(...steps), (life, ms) => life.world.pass(ms)),
    ),
    ...often(
      4,
      command("weather", weather, (life, drawn) => life.world.wechat.weather.push(drawn)),
    ),
    ...often(
      2,
      command("push", fc.record({ which, crash: mayCrash }), (life, one) => life.push(one.which, one.crash)),
    ),
    ...often(
      2,
      command("course", course, (life, drawn) => life.world.wechat.courses.push(drawn)),
    ),
    command("leap", fc.constantFrom(...leaps), (life, ms) => life.world.pass(ms)),
    command("thaw", which, (life, drawn) => life.thaw(drawn)),
    command("reconcile", mayCrash, (life, crash) => life.reconcile(crash)),
    command("move", fc.record({ move, which }), (life, drawn) => life.move(drawn.move, drawn.which)),
    command("move account", fc.constantFrom("pause", "resume"), (life, drawn) => life.moveAccount(drawn)),
    command("lose job", which, (life, drawn) => life.lose(drawn)),
    command("midnight", off, ({ world }, ms) =>
      world.pass(nextDay(world.clock.now()) - world.clock.now() + ms),
    ),
    command("month's end", off, ({ world }, ms) =>
      world.pass(nextMonth(world.clock.now()) - world.clock.now() + ms),
    ),
    command("quota's end", fc.constant(null), (life) => life.world.wechat.spendDay()),
  ],
  { maxCommands: 80, size: "max", ...replayPath },
);

beforeAll(makeReplayable);

test("whatever happens to campaigns, in whatever order, they end, and every promise holds by WeChat's own books", async () => {
  const property = fc.asyncProperty(
    commands,
    fc.constantFrom("come" as const, "never" as const),
    async (all, callbacks) => {
      const world = openWorld(inject("redisUrl"));
      try {
        const life = createLife(world);
        await fc.asyncModelRun(() => ({ model: {}, real: life }), all);
        life.endQuiet();
        await calmDown(world, callbacks);
        await expectPromises(life);
      } finally {
        await world.close();
      }
    },
  );
  await fc.assert(property, howOften(60));
});
