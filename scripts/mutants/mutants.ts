/** One rule of the product broken on purpose: the tests that guard its promise must see it. */
export type Mutant = {
  /** A heading of docs/guarantees.md. */
  readonly promise: string;
  readonly says: string;
  readonly file: string;
  /** What stands in the file, once, and what the mutant has instead. */
  readonly from: string;
  readonly to: string;
  /** One of these must fail. */
  readonly tests: readonly string[];
};

const lua = (name: string) => `src/store/lua/${name}.lua`;
const store = (name: string) => `test/store/${name}.test.ts`;
const [lives, meetings] = ["test/model/sequence.test.ts", "test/model/interleave.test.ts"];

const twice = "Nobody twice";
const lost = "Nobody lost";
const limits = "No limit broken";
const callbacks = "Callbacks count once";
const privacy = "No OpenID where none belongs";
const people = "A person's word holds";

export const mutants: readonly Mutant[] = [
  {
    promise: twice,
    says: "A batch whose worker died in its call is asked again at once.",
    file: lua("lib/gates"),
    from: "if is.state == 'sending' then due = tonumber(is.callAt) + settleMs end",
    to: "if is.state == 'sending' then due = now end",
    tests: [store("begin"), store("random-life")],
  },
  {
    promise: twice,
    says: "A call in doubt is repeated after WeChat has forgotten its clientmsgid.",
    file: lua("begin"),
    from: "if is.doubtSince and now >= tonumber(is.doubtSince) + limits.resendWindowMs then",
    to: "if false then",
    tests: [store("doubt"), store("begin")],
  },
  {
    promise: twice,
    says: "A refusal clears the doubt of an earlier call.",
    file: lua("lib/doubt"),
    from: "if redis.call('HGET', batch, 'doubtEpoch') == epoch then",
    to: "if true then",
    tests: [store("doubt"), store("random-life")],
  },
  {
    promise: twice,
    says: "The msg_id of a 45065 is believed though an older batch is in doubt.",
    file: lua("accept"),
    from: "if eldest and eldest ~= id then",
    to: "if false then",
    tests: [store("accept")],
  },
  {
    promise: twice,
    says: "A msg_id that another batch owns is adopted.",
    file: lua("accept"),
    from: "if owner and owner ~= id then",
    to: "if false then",
    tests: [store("accept")],
  },
  {
    promise: twice,
    says: "An answer to an older call gives up the turn of the newer one.",
    file: lua("lib/turn"),
    from: "return epoch == newest and passTurn(turn, queue, batch, leaseUntil) or ''",
    to: "return passTurn(turn, queue, batch, leaseUntil)",
    tests: [store("accept"), store("random-life")],
  },
  {
    promise: twice,
    says: "The clientmsgid does not depend on the members.",
    file: "src/campaign/batch.ts",
    from: "if (of.members.length > 0)",
    to: "if (of.members.length < 0)",
    tests: ["test/unit/client-msg-id.test.ts"],
  },
  {
    promise: twice,
    says: "A batch in doubt is admitted again in the new month.",
    file: lua("lib/gates"),
    from: "if is.doubtSince then return 'drop', 'month', 0 end",
    to: "",
    tests: [store("begin-gates"), store("readmit")],
  },
  {
    promise: twice,
    says: "A call whose answer was lost is taken for one that never left.",
    file: "workers/outcome.ts",
    from: 'return doubt(call, trouble("IN_DOUBT", reply.error));',
    to: 'return postpone(call, { trouble: trouble("NEVER_LEFT", reply.error), ...MISSED, neverLeft: true, stop: false });',
    tests: [lives],
  },
  {
    promise: lost,
    says: "A job does not read again when it has fallen asleep.",
    file: "src/queues/sleep.ts",
    from: "if (await changed().catch(() => true)) await promote(job);",
    to: "",
    tests: [store("sleep"), store("worker")],
  },
  {
    promise: lost,
    says: "A campaign is added up while one of its batches is open.",
    file: "workers/settle.ts",
    from: "if (!all.every(({ state }) => isClosed(state))) return follow(campaign);",
    to: "if (all.length > 0 && !all.some(({ state }) => isClosed(state))) return follow(campaign);",
    tests: [lives, meetings],
  },
  {
    promise: lost,
    says: "The reconciler leaves a campaign without its job.",
    file: "workers/reconcile.ts",
    from: "let repairs = (await queues.restoreCampaign(id, data, isOpen)) ? 1 : 0;",
    to: "let repairs = 0 * [data, isOpen].length;",
    tests: [lives],
  },
  {
    promise: lost,
    says: "The last batch of a list is left out.",
    file: "src/campaign/cut.ts",
    from: "else if (rest > 1) sizes.push(rest);",
    to: "",
    tests: ["test/unit/cut.test.ts"],
  },
  {
    promise: limits,
    says: "The day's quota is one call too large.",
    file: lua("lib/quota"),
    from: "tonumber(is[1] or 0) >= limit)",
    to: "tonumber(is[1] or 0) > limit)",
    tests: [store("quota-life"), store("quota"), store("begin-gates")],
  },
  {
    promise: limits,
    says: "Calls are made in the last three seconds of a day.",
    file: lua("lib/quota"),
    from: "if now >= limits.dayEndsAt - 3000 then return true end",
    to: "",
    tests: [store("quota"), store("begin-gates")],
  },
  {
    promise: limits,
    says: "A shard of the cap is written though another has written it meanwhile.",
    file: lua("lib/cap"),
    from: "if (redis.call('HGET', shard, 'version') or '0') ~= version then return false end",
    to: "",
    tests: [store("cap"), store("random-bookings")],
  },
  {
    promise: limits,
    says: "A shard is admitted again after a crash.",
    file: lua("admit-shard"),
    from: "if redis.call('HEXISTS', KEYS[2], 'tally:' .. ARGV[1]) == 1 then return 'done' end",
    to: "",
    tests: [store("cap")],
  },
  {
    promise: limits,
    says: "What is given back goes back twice.",
    file: lua("change-shard"),
    from: "if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then return 'done' end",
    to: "",
    tests: [store("cap")],
  },
  {
    promise: limits,
    says: "A failure that only a poll reports gives its reservations back.",
    file: "src/campaign/batch.ts",
    from: 'if (state !== "failed" || closedBy === "poll") return false;',
    to: 'if (state !== "failed") return false;',
    tests: [store("cap")],
  },
  {
    promise: limits,
    says: "A batch is sent in another month than that in which its people were admitted.",
    file: lua("lib/gates"),
    from: "if is.month ~= limits.month then",
    to: "if false then",
    tests: [lives],
  },
  {
    promise: limits,
    says: "Two sends of an account go out at once.",
    file: lua("lib/turn"),
    from: "if held[1] and tonumber(held[2]) > now then return false, '' end",
    to: "",
    tests: [store("turn"), store("random-life")],
  },
  {
    promise: callbacks,
    says: "A second callback overrides the first.",
    file: lua("lib/result"),
    from: "if is[2] == 'callback' then",
    to: "if false then",
    tests: [store("result")],
  },
  {
    promise: callbacks,
    says: "A result that came before its msg_id is forgotten.",
    file: lua("accept"),
    from: "local early = redis.call('GETDEL', KEYS[9])",
    to: "local early = false",
    tests: [store("accept")],
  },
  {
    promise: callbacks,
    says: "A result that came before its msg_id is forgotten in the race with the acceptance.",
    file: lua("accept"),
    from: "local early = redis.call('GETDEL', KEYS[9])",
    to: "local early = false",
    tests: [meetings],
  },
  {
    promise: callbacks,
    says: "A poll overrides a callback.",
    file: lua("lib/result"),
    from: "if result.by ~= 'callback' and is[1] ~= 'accepted' then return 'stale' end",
    to: "",
    tests: [store("result")],
  },
  {
    promise: callbacks,
    says: "A callback overrides what a person has said.",
    file: lua("lib/result"),
    from: "if is[2] == 'person' then return hearAfterReview(campaign, batch, result) end",
    to: "",
    tests: [store("review")],
  },
  {
    promise: callbacks,
    says: "A callback with a wrong signature is taken.",
    file: "src/wechat/signature.ts",
    from: "timingSafeEqual(left, right)",
    to: "timingSafeEqual(left, left)",
    tests: ["test/wechat/signature.test.ts", "test/wechat/callback.test.ts"],
  },
  {
    promise: callbacks,
    says: "An event that was taken comes again with WeChat's repeat.",
    file: "workers/pass-event.ts",
    from: "if (await seenEvents.has(account, id)) return;",
    to: "",
    tests: [store("pass-event")],
  },
  {
    promise: callbacks,
    says: "An unsubscribe counts though the person has followed again since.",
    file: lua("note-follow"),
    from: "if tonumber(redis.call('GET', KEYS[2]) or -1) >= at then return 'follows' end",
    to: "",
    tests: [store("unfollowed")],
  },
  {
    promise: privacy,
    says: "A refused job keeps its list.",
    file: "workers/prepare.ts",
    from: "if (error instanceof Failure && !failures[error.code].retry && !stripped)",
    to: "if (false as boolean)",
    tests: ["test/story/bad-input.test.ts"],
  },
  {
    promise: people,
    says: "A paused campaign goes on.",
    file: lua("lib/campaign-gate"),
    from: "if is.paused then return 'wait', 'paused', -1 end",
    to: "",
    tests: [store("begin-gates")],
  },
  {
    promise: people,
    says: "A paused account goes on.",
    file: lua("lib/gates"),
    from: "if is[1] then return 'wait', 'account', -1 end",
    to: "",
    tests: [store("begin-gates"), meetings],
  },
  {
    promise: people,
    says: "A cancel is answered while a call is under way.",
    file: "workers/move.ts",
    from: 'if (move !== "resume") await callsBack(campaign.account, campaign.id);',
    to: "",
    tests: [meetings],
  },
  {
    promise: people,
    says: "A canceled batch in doubt counts as not sent.",
    file: lua("drop"),
    from: "local state = is[2] and 'needs_review' or ARGV[3]",
    to: "local state = ARGV[3]",
    tests: [store("drop"), store("random-life")],
  },
];
