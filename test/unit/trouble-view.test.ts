import { expect, test } from "vitest";
import { tellTrouble } from "../../src/campaign/trouble-view.ts";

test.each([
  [undefined, ""],
  [{}, ""],
  [{ message: "canceled" }, "canceled"],
  [{ errcode: null, message: "no answer" }, "no answer"],
  [{ errcode: 40164, message: "invalid ip" }, "40164 invalid ip"],
  [
    { errcode: 45062, message: "error", remedy: "Send it in WeChat's console." },
    "45062 error; Send it in WeChat's console.",
  ],
])("trouble %j is told as %j", (trouble, told) => {
  expect(tellTrouble(trouble)).toBe(told);
});
