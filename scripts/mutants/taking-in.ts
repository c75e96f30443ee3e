import type { Mutant } from "./mutant.ts";

/** How a campaign gets its people, whoever asks and however often. */
export const takingIn: readonly Mutant[] = [
  {
    promise: "Nobody lost",
    says: "Of two bodies that come with one key the second takes over the record of the first.",
    file: "src/store/lua/create-campaign.lua",
    from: "if redis.call('EXISTS', KEYS[1]) == 1 then return 'exists' end",
    to: "",
    tests: ["test/store/intake.test.ts"],
  },
  {
    promise: "Nobody lost",
    says: "What a campaign has brought goes by itself after an hour.",
    file: "src/store/lua/create-campaign.lua",
    from: "redis.call('PERSIST', KEYS[i + 1])",
    to: "",
    tests: ["test/store/intake.test.ts"],
  },
  {
    promise: "Nobody lost",
    says: "A try that is refused lets go of the list that another try of the same id names.",
    file: "workers/intake.ts",
    from: "for (const list of named) await lists.pin(list, id, createdAt);",
    to: "",
    tests: ["test/store/intake.test.ts"],
  },
  {
    promise: "Nobody twice",
    says: "A campaign that sends to people again is made once more when its first making was not noted.",
    file: "workers/retire.ts",
    from: "if (campaign?.againOf !== undefined)",
    to: "if (false as boolean)",
    tests: ["test/store/send-again.test.ts"],
  },
];
