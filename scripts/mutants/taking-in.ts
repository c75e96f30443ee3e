import type { Mutant } from "./mutant.ts";

/** How a campaign gets its people, whoever asks and however often. */
export const takingIn: readonly Mutant[] = [
  {
    promise: "Nobody lost",
    says: "Of two bodies that come with one key the second takes over the record of the first.",
    file: "src/store/lua/create-campaign.lua",
    from: "if redis.call('EXISTS', KEYS[1]) == 1 then",
    to: "if false then",
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
    says: "An attempt that is refused lets go of the list that another attempt of the same id names.",
    file: "workers/intake.ts",
    from: "const campaign = await keepLists(theSame(await campaigns.get(address), asked));",
    to: "const campaign = theSame(await campaigns.get(address), asked);",
    tests: ["test/store/intake.test.ts"],
  },
  {
    promise: "Nobody twice",
    says: "A campaign that sends to people again is made once more when its first making was not noted.",
    file: "workers/retire.ts",
    from: "if (againOf === undefined) return;",
    to: "if (true as boolean) return;",
    tests: ["test/store/send-again.test.ts"],
  },
  {
    promise: "Nobody twice",
    says: "A campaign that sent to people again, and was removed just now, is made once more by who had not seen it.",
    file: "workers/send-again.ts",
    from: "const isBegun = now.againBegun?.[id] === true;",
    to: "const isBegun = true as boolean;",
    tests: ["test/store/send-again.test.ts"],
  },
];
