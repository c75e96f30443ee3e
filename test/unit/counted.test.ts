import { describe, expect, test } from "vitest";
import { campaignWordsIn } from "../../src/cli/campaign-words.ts";
import { capWordsIn } from "../../src/cli/cap-words.ts";
import { doctorWordsIn } from "../../src/cli/doctor-words.ts";
import { listWordsIn } from "../../src/cli/list-words.ts";
import { reviewWordsIn } from "../../src/cli/review-words.ts";
import { sendWordsIn } from "../../src/cli/send-words.ts";

const { show, export: exported } = campaignWordsIn.en;
const { plan } = sendWordsIn.en;

describe("what the command counts in English", () => {
  test.each([
    [reviewWordsIn.en.rest.ask("1", "1"), "Send to 1 person of 1 batch again? [y/N] "],
    [reviewWordsIn.en.rest.ask("300", "2"), "Send to 300 people of 2 batches again? [y/N] "],
    [show.review("1"), "1 needs a person's review"],
    [show.review("1,001"), "1,001 need a person's review"],
    [exported.done("1", "a.csv"), "1 person is in a.csv."],
    [exported.done("0", "a.csv"), "0 people are in a.csv."],
    [capWordsIn.en.book.people("1", "2031-03"), "1 person counts one mass message more in 2031-03."],
    [capWordsIn.en.book.details("1", "0", "0"), "The list had 1 entry, 0 malformed, 0 twice."],
    [
      listWordsIn.en.doNotSend.add.done("1", "1", "0"),
      "1 person is new on the list. The file had 1 entry, 0 malformed.",
    ],
    [plan.people("1", "1"), "1 of 1 person would get it"],
    [plan.people("1", "2"), "1 of 2 people would get it"],
    [plan.more("1"), "… and 1 batch more"],
    [doctorWordsIn.en.tell.token?.(1), "for 1 minute"],
    [doctorWordsIn.en.tell.token?.(120), "for 120 minutes"],
  ])("agrees with its number: %s", (told, right) => {
    expect(told).toBe(right);
  });
});
