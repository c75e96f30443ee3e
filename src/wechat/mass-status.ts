/** How a mass send ended. `err` is the number of an audit, originality or administrator refusal. */
export type MassOutcome = "success" | "fail" | { readonly err: number };

/** What the numbers of `err(N)` mean (WECHAT.md section 6.3); others exist that nobody has explained. */
const refusals: Readonly<Record<number, string>> = {
  10001: "advertising",
  20001: "politics",
  20002: "pornography",
  20004: "social order",
  20006: "crime",
  20008: "fraud",
  20013: "copyright",
  21000: "other content",
  22000: "mutual promotion",
  30001: "the originality check failed, and the sender chose to stop",
  30002: "a reprint that the original's author forbids",
  30003: "a reprint, and the sender chose to stop",
  40001: "an administrator refused the send",
  40002: "no administrator answered within 30 minutes",
};

export function meaningOfErr(err: number): string {
  return refusals[err] ?? "a reason that WeChat has not documented";
}

/**
 * Reads the Status of a result, whose spelling differs between WeChat's documents, samples and pushes:
 * case and spaces do not count. Undefined for one that nobody has seen yet.
 */
export function readStatus(text: string): MassOutcome | undefined {
  const plain = text.toLowerCase().replace(/\s/g, "");
  if (plain === "sendsuccess") return "success";
  if (plain === "sendfail") return "fail";
  const err = /^err\((\d{1,9})\)$/.exec(plain)?.[1];
  return err === undefined ? undefined : { err: Number(err) };
}
