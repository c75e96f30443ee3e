import type { Mutant } from "./mutant.ts";

const promise = "An owner is told";
const lua = (name: string) => `src/store/lua/${name}.lua`;
const store = (name: string) => `test/store/${name}.test.ts`;

export const telling: readonly Mutant[] = [
  {
    promise,
    says: "A report is written, and its message is not due.",
    file: lua("settle"),
    from: "redis.call('ZADD', KEYS[5], ARGV[6], ARGV[1] .. '~' .. revision)",
    to: "",
    tests: [store("notify")],
  },
  {
    promise,
    says: "A report that is what it was is told again.",
    file: lua("settle"),
    from: "if is[2] == ARGV[5] then return 'same' end",
    to: "",
    tests: [store("notify")],
  },
  {
    promise,
    says: "A message has another id at each attempt.",
    file: "src/campaign/notification.ts",
    from: "const named = JSON.stringify([account, id, createdAt, revision]);",
    to: "const named = JSON.stringify([account, id, createdAt, revision, Math.random()]);",
    tests: [store("notify")],
  },
  {
    promise,
    says: "A message whose job was never added is forgotten by the reconciler.",
    file: "workers/reconcile.ts",
    from: "for (const message of await notifications.due(account))",
    to: "for (const message of (await notifications.due(account)).slice(1_000))",
    tests: [store("notify-crash")],
  },
  {
    promise,
    says: "A report whose worker died before it told of it is told by nobody.",
    file: "workers/announce.ts",
    from: 'if (notification?.state === "pending")',
    to: "if (false as boolean)",
    tests: [store("notify-crash")],
  },
  {
    promise,
    says: "A message that has come to its end ends once more.",
    file: lua("note-attempt"),
    from: "if not redis.call('ZSCORE', KEYS[3], member) then return 'over' end",
    to: "",
    tests: [store("notify")],
  },
  {
    promise,
    says: "A campaign goes, and with it a message that is tried still.",
    file: "workers/retire.ts",
    from: "if (dueSince !== undefined && dueSince > clock.now() - 2 * NOTIFY_MS) {",
    to: "if (false as boolean) {",
    tests: [store("notify-crash")],
  },
  {
    promise,
    says: "A campaign goes in the midst of its correction.",
    file: lua("retire-campaign"),
    from: "if (redis.call('HGET', KEYS[1], 'revision') or '') ~= ARGV[5] then return 'changed' end",
    to: "",
    tests: [store("notify-crash")],
  },
  {
    promise,
    says: "A message goes to any address.",
    file: "src/fetch/guard.ts",
    from: "if (fault !== undefined) throw refused(url, fault);",
    to: "",
    tests: ["test/fetch/post.test.ts"],
  },
  {
    promise,
    says: "The feed tells everything as often as it is told.",
    file: lua("publish"),
    from: "if last == ARGV[2] or was and (not is or is < was) then return 'known' end",
    to: "",
    tests: [store("feed")],
  },
  {
    promise,
    says: "A stream repeats what it has told when it goes on.",
    file: "src/http/events.ts",
    from: "if (!isAfter(event.id, position)) return;",
    to: "",
    tests: ["test/http/events.test.ts"],
  },
];
