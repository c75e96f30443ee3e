import { Account } from "../../src/campaign/account.ts";
import type { Clock } from "../../src/clock.ts";
import { createLogger } from "../../src/log.ts";
import { readBody } from "../../src/sandbox/body.ts";
import { type Answer, toAnswer } from "../../src/sandbox/call.ts";
import { massResultRequest } from "../../src/sandbox/callback-request.ts";
import { plotCourse } from "../../src/sandbox/course.ts";
import { createFaults, FaultRequest } from "../../src/sandbox/faults.ts";
import { followerOpenid } from "../../src/sandbox/followers.ts";
import { createIds } from "../../src/sandbox/ids.ts";
import type { Job } from "../../src/sandbox/job.ts";
import { createJobs } from "../../src/sandbox/jobs.ts";
import { createMass } from "../../src/sandbox/mass.ts";
import { createDraw } from "../../src/sandbox/random.ts";
import { type Reply, refuse, toJson } from "../../src/sandbox/refusal.ts";
import { openSchedule } from "../../src/sandbox/schedule.ts";
import { Settings } from "../../src/sandbox/settings.ts";
import { createTokenCalls } from "../../src/sandbox/token-calls.ts";
import { listFollowers } from "../../src/sandbox/user-calls.ts";
import { createWorld } from "../../src/sandbox/world.ts";
import { createCallbackReader } from "../../src/wechat/callback.ts";
import type { CallRequest, Reply as ClientReply } from "../../src/wechat/client.ts";
import { parseJson } from "../../src/wechat/json.ts";

export const ACCOUNT = "acme";
export const LIMITS = { sendCallsPerDay: 5, callsPerMinute: 6, perUserPerMonth: 3 };
export const SEND_TIMEOUT_MS = 20_000;
const FOLLOWERS = 10;

const plain = {
  id: ACCOUNT,
  appid: "wx0123456789abcdef",
  secret: "secret",
  kind: "service",
  token: "token",
} as const;
export const account = Account.parse({ ...plain, limits: LIMITS });

/** Who follows the account, by number, and one who does not. */
export const people = [
  ...Array.from({ length: FOLLOWERS }, (_, at) => followerOpenid(ACCOUNT, at)),
  `o${"x".repeat(27)}`,
];

/** What a send meets on its way to WeChat or back. */
export type Weather =
  | { readonly kind: "lost" | "answer-lost" | "never-left" }
  /** It arrives only when the caller has given up waiting, before the next one does. */
  | { readonly kind: "late" }
  | { readonly kind: "errcode"; readonly errcode: number; readonly accepted: boolean };

/** How a message that was taken in ends. */
export type Course = "success" | "fail" | "audit" | "stuck" | "deleted";

/** A message that was taken in, how often its result was pushed, and whether that was acknowledged once. */
type Accepted = { readonly job: Job; pushed: number; heard: boolean };

/** A request of mass/send that the product made. */
export type Sent = {
  readonly at: number;
  readonly campaign: string;
  readonly clientmsgid: string;
  readonly touser: readonly string[];
};

/** The sandbox's own world, books and rules, called in the process and in the clock's time. */
export function createWechat(clock: Clock) {
  const settings = Settings.parse({ accounts: [plain], followers: FOLLOWERS, ...LIMITS, retryGapMs: 60_000 });
  const world = createWorld(settings, clock);
  const acme = world.byId(ACCOUNT);
  if (!acme) throw new Error("no such account");
  const log = createLogger("silent");
  const faults = createFaults();
  const jobs = createJobs({
    ...{ settings, clock, log, schedule: openSchedule(log), draw: createDraw(1) },
    callbackBase: () => "http://127.0.0.1",
    nextIds: createIds({ now: () => 0 }, "huge"),
  });
  const mass = createMass({ limits: settings, faults, jobs });
  const tokens = createTokenCalls(world);
  const reader = createCallbackReader(account);

  let timeOuts = 0;
  const weather: Weather[] = [];
  const courses: Course[] = [];
  const sends: Sent[] = [];
  const late: (() => Promise<unknown>)[] = [];
  const accepted: Accepted[] = [];
  let onAccept = (_job: Job) => {};

  const routes: Record<string, (call: Parameters<typeof mass.send>[1]) => Reply | Answer> = {
    "/cgi-bin/stable_token": (call) => tokens.stableToken(call),
    "/cgi-bin/message/mass/send": withToken((call) => mass.send(acme, call)),
    "/cgi-bin/message/mass/get": withToken((call) => mass.get(acme, call)),
    "/cgi-bin/user/get": withToken((call) => listFollowers(acme, call)),
  };

  function withToken(handle: (call: Parameters<typeof mass.send>[1]) => Reply | Answer) {
    return (call: Parameters<typeof mass.send>[1]) => {
      const invalid = acme?.tokens.check(call.query.access_token ?? "");
      return invalid === undefined ? handle(call) : refuse(invalid);
    };
  }

  async function perform({ path, token, body }: CallRequest): Promise<Reply> {
    const handle = routes[path];
    if (!handle) throw new Error(`no such call: ${path}`);
    const course = courses[0] ?? "success";
    for (const fault of faultsOf(course))
      faults.add(FaultRequest.parse({ fault, ...(fault === "err" && { err: 20_001 }) }));
    const before = acme?.books.list().jobs.length ?? 0;
    const answer = toAnswer(
      handle({ query: { access_token: token ?? "" }, body: readBody(Buffer.from(body ?? "")) }),
    );
    faults.clear();
    await answer.beforeReply();
    const last = acme?.books.list().jobs.at(before);
    const job = last && acme?.books.find(BigInt(last.msg_id));
    if (job) {
      courses.shift();
      accepted.push({ job, pushed: 0, heard: false });
      onAccept(job);
    }
    return answer.reply;
  }

  const answered = (reply: Reply): ClientReply => ({ kind: "answered", body: parseJson(toJson(reply)) });

  async function send(request: CallRequest, met: Weather | undefined): Promise<ClientReply> {
    if (met?.kind === "never-left") return { kind: "never-left", message: "connection refused" };
    noteSend(request.body ?? "");
    for (const arrive of late.splice(0)) await arrive();
    if (met?.kind === "late") late.push(() => perform(request));
    if (met?.kind === "late" || met?.kind === "lost") return { kind: "unclear", message: "no answer" };
    if (met?.kind === "errcode" && !met.accepted) return answered(refuse(met.errcode));
    const reply = await perform(request);
    if (met?.kind === "answer-lost") return { kind: "unclear", message: "reset" };
    return answered(met?.kind === "errcode" ? refuse(met.errcode) : reply);
  }

  function noteSend(body: string): void {
    const { clientmsgid, touser, text } = JSON.parse(body) as {
      clientmsgid: string;
      touser: string[];
      text: { content: string };
    };
    sends.push({ at: clock.now(), campaign: text.content, clientmsgid, touser });
  }

  return {
    weather,
    courses,
    /** Every request of mass/send that reached the network. */
    sends: sends as readonly Sent[],
    accepted: accepted as readonly Accepted[],
    /** Calls that took so long on their way that they were given up unsent. */
    timeOuts: () => timeOuts,
    books: acme.books,
    onAccept: (listener: (job: Job) => void) => {
      onAccept = listener;
    },

    /** HTTP to WeChat; one whose process stood still for longer than a call may take is given up unsent. */
    async call(request: CallRequest, askedAt: number): Promise<ClientReply> {
      if (clock.now() - askedAt > SEND_TIMEOUT_MS) {
        timeOuts += 1;
        return { kind: "unclear", message: "timed out" };
      }
      if (request.path === "/cgi-bin/message/mass/send") return send(request, weather.shift());
      return answered(await perform(request));
    },

    /** As if the console had sent the rest of the day's messages. */
    spendDay(): void {
      for (let left = LIMITS.sendCallsPerDay; left > 0; left--) acme.quotas.day.add("accepted");
    },

    /** What was still on its way arrives. */
    async arrive(): Promise<void> {
      for (const arrive of late.splice(0)) await arrive();
    },

    /** A push of this job's was acknowledged. */
    hear(job: Job): void {
      const entry = accepted.find((one) => one.job === job);
      if (entry) entry.heard = true;
    },

    /** The push of a job's result, read as the server reads it; what is stuck ends by it. */
    resultOf(job: Job) {
      const entry = accepted.find((one) => one.job === job);
      if (!entry) throw new Error("no such job");
      if (job.result === undefined) Object.assign(job, { status: "SEND_SUCCESS", result: "send success" });
      entry.pushed += 1;
      const course = { ...plotCourse({}, 0), status: job.result as "send success" };
      const { url, body } = massResultRequest({
        ...{
          account: plain,
          mode: "plain",
          base: "http://127.0.0.1",
          follower: people[0] ?? "",
          now: clock.now(),
          job,
          course,
        },
      });
      return reader.read(Object.fromEntries(new URL(url).searchParams), body);
    },
  };
}

export type FakeWechat = ReturnType<typeof createWechat>;

/** The model pushes results itself, when it likes: the sandbox only ends the job, or never does. */
function faultsOf(course: Course) {
  const ended = ["no-callback", "callback-before-reply"] as const;
  switch (course) {
    case "success":
      return ended;
    case "fail":
      return [...ended, "send-fail"] as const;
    case "audit":
      return [...ended, "err"] as const;
    case "deleted":
      return [...ended, "deleted"] as const;
    case "stuck":
      return ["no-callback", "stuck"] as const;
  }
}
