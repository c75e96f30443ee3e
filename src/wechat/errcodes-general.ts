import { codes, type ErrcodeTable, personCodes } from "./errcode-entry.ts";

/** Tokens, permissions, quotas and the shape of a call (WECHAT.md sections 1.3 and 4.1). */
export const generalErrcodes: ErrcodeTable = {
  ...codes("ok", { 0: "Done" }),

  ...codes("token", {
    40001: "The access token is invalid or not the latest; of a token call: the AppSecret is wrong",
    40014: "The access token is malformed",
    42001: "The access token has expired",
  }),

  ...codes("doubt", {
    [-1]: "WeChat's system is busy",
    45102: "The interface is blocked for a while",
    61450: "WeChat had a system error",
    268487001: "WeChat is busy (blacklist)",
    268487002: "WeChat is busy (followers)",
    268488001: "WeChat is busy (mass send)",
  }),

  ...codes("day", { 45009: "The day's quota of this interface is used up" }),
  ...codes("month", {
    45040: "The month's quota of this interface is used up",
    48006: "The month's quota of clear_quota is used up",
  }),
  ...codes("minute", {
    42010: "Calls come too fast",
    45011: "The minute's quota of this interface is used up",
  }),

  ...personCodes("account", {
    40002: ["The grant type of the token call is invalid", "Check apiBase in the accounts file."],
    40013: ["The appid is invalid", "Correct the appid in the accounts file."],
    40125: ["The AppSecret is invalid", "Correct the secret in the accounts file."],
    40164: [
      "The caller's address is not on the IP whitelist",
      "Add the address to the account's IP whitelist.",
    ],
    40243: ["The AppSecret is frozen", "Unfreeze the AppSecret in WeChat's console."],
    41002: ["The appid is missing", "Enter the appid in the accounts file."],
    41004: ["The AppSecret is missing", "Enter the secret in the accounts file."],
    48001: [
      "The account lacks the right to this interface",
      "Verify the account in WeChat's console; a send to OpenIDs needs a verified service account.",
    ],
    48003: ["The mass-send agreement is not accepted", "Let an administrator accept it in WeChat's console."],
    48004: ["The interface is forbidden as a punishment", "Settle the violation in WeChat's console."],
    50001: ["The account has not authorised this interface", "Authorise it in WeChat's console."],
    50002: ["The account is banned or cancelled", "Restore the account in WeChat's console."],
    50004: ["The account is barred from access tokens", "Settle the violation in WeChat's console."],
    50007: ["The account is frozen", "Unfreeze the account in WeChat's console."],
    61003: ["The third-party platform is not authorised", "Authorise the platform for this account."],
    61004: ["The caller's address is not registered", "Register the address with the third-party platform."],
    61005: ["The third-party platform's ticket has expired", "Renew the component ticket."],
    61006: ["The third-party platform's ticket is invalid", "Renew the component ticket."],
    61007: ["The third-party platform lacks this right", "Authorise this interface for the platform."],
    89501: ["An administrator's confirmation is pending", "Let an administrator confirm it on their phone."],
    89503: ["The call needs an administrator's confirmation", "Let an administrator confirm this address."],
    89506: ["An administrator refused this address for 24 hours", "Let an administrator allow this address."],
    89507: ["An administrator refused this address for 1 hour", "Let an administrator allow this address."],
  }),

  // Nothing but the message's text can bring an escape into a body that JSON.stringify wrote.
  ...codes("message", {
    40033: "The body has characters that WeChat does not take, such as \\uxxxx",
    47002: "The body is not taken as JSON, because of \\uxxxx escapes",
  }),

  ...codes("refused", {
    40035: "The arguments are invalid",
    40097: "The arguments are invalid",
    41001: "The access token is missing",
    43001: "The call must be a GET",
    43002: "The call must be a POST",
    43003: "The call must use HTTPS",
    44002: "The body is empty",
    45103: "The interface is no longer supported",
    47001: "The body is not taken as JSON",
    47003: "An argument is invalid",
    48005: "The material is in use by an auto-reply or a menu",
    48009: "The interface has expired",
    48010: "The material may not be changed",
    61451: "A parameter is invalid",
    76001: "The rid is missing",
    76002: "The rid is malformed",
    76003: "The rid belongs to another account",
    76004: "The rid is older than 7 days",
    76021: "There is no such cgi_path",
    76022: "The cgi_path is not permitted",
  }),
};
