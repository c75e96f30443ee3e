/** How a mass send ended. `err` is the number of an audit, originality or administrator refusal. */
export type MassOutcome = "success" | "fail" | { readonly err: number };

/** What an err(N) says; `code` is that of the batch's trouble, `remedy` what a person can do. */
export type MassRefusal = { readonly code: string; readonly message: string; readonly remedy: string };

const audit = (meaning: string): MassRefusal => ({
  code: "AUDIT_REFUSED",
  message: `WeChat's audit refused it: ${meaning}`,
  remedy: "Change the message before it is sent again: a second refusal can be punished.",
});
const originality = (message: string, remedy: string): MassRefusal => ({
  code: "ORIGINALITY_REFUSED",
  message,
  remedy,
});
const unconfirmed = (message: string, remedy: string): MassRefusal => ({
  code: "NOT_CONFIRMED",
  message,
  remedy,
});

/** The numbers of `err(N)` (WECHAT.md sections 6.3 and 11). */
const refusals: Readonly<Record<number, MassRefusal>> = {
  10001: audit("advertising"),
  20001: audit("politics"),
  20002: audit("pornography"),
  20004: audit("social order"),
  20006: audit("crime"),
  20008: audit("fraud"),
  20013: audit("copyright"),
  21000: audit("other content"),
  22000: audit("mutual promotion"),
  30001: originality(
    "WeChat's check of originality failed, and the campaign stops at that",
    "Send it again later, or with send_ignore_reprint 1, which goes on when the check fails.",
  ),
  30002: originality(
    "An article is a reprint that the author of the original forbids",
    "Ask the author of the original to allow it, or take the article out.",
  ),
  30003: originality(
    "An article is a reprint, and the campaign stops at that",
    "Send it with send_ignore_reprint 1, which shows the original's source, or take the article out.",
  ),
  40001: unconfirmed(
    "An administrator refused the send",
    "Agree with the account's administrator before it is sent again.",
  ),
  40002: unconfirmed(
    "No administrator confirmed the send within 30 minutes",
    "Send it again when an administrator can confirm it on their phone.",
  ),
};

/** Others exist that nobody has explained. */
export function refusalOf(err: number): MassRefusal {
  return refusals[err] ?? audit("a reason that WeChat has not documented");
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
