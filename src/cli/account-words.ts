import type { Activity } from "./account-active.ts";
import type { Language } from "./words.ts";

const english = {
  id: "id of the account, as in the accounts file",
  noAccount: (known: string) => `The accounts file has no such account, only ${known}.`,
  reason: "why, for the records",
  list: {
    about: "list the accounts, and which are paused",
    columns: ["id", "state", "kind", "appid", "a day", "a month", "window", "callback"],
    states: (state: Activity): string => state ?? "unknown",
    sealed: "encrypted",
    plain: "plain",
    after: ["", "Example:", "  qunfa account list"],
  },
  check: {
    about: "check one: pause, token, IP whitelist, callback, quota",
    url: "the public address of the server, for the callback URL",
    after: [
      "",
      "Asks WeChat for a token as the workers do; nothing is sent.",
      "",
      "Example:",
      "  qunfa account check acme --url https://push.example.com",
    ],
  },
  moves: {
    pause: {
      about: "stop all campaigns of an account before their next call",
      done: "The account is paused.",
      after: ["", "Example:", "  qunfa account pause acme --reason 'incident 12'"],
    },
    resume: {
      about: "let the campaigns of an account go on",
      done: "The account goes on.",
      after: ["", "Example:", "  qunfa account resume acme"],
    },
  },
};

export type AccountWords = typeof english;

const chinese: AccountWords = {
  id: "账号 id，见账号文件",
  noAccount: (known) => `账号文件中没有这个账号，只有 ${known}。`,
  reason: "原因，留作记录",
  list: {
    about: "列出账号文件中的账号，以及是否暂停；不含密钥",
    columns: ["id", "状态", "类型", "appid", "每日", "每月", "时段", "回调"],
    states: (state) => (state === undefined ? "未知" : state === "paused" ? "已暂停" : "正常"),
    sealed: "加密",
    plain: "明文",
    after: ["", "例：", "  qunfa account list"],
  },
  check: {
    about: "检查账号：是否暂停、token、IP 白名单、回调地址、次数",
    url: "服务器的公网地址，用于检查回调地址",
    after: [
      "",
      "与 worker 一样向微信获取 token；不发送任何内容。",
      "",
      "例：",
      "  qunfa account check acme --url https://push.example.com",
    ],
  },
  moves: {
    pause: {
      about: "暂停账号的所有群发任务，不再发起新的调用",
      done: "账号已暂停。",
      after: ["", "例：", "  qunfa account pause acme --reason '事故 12'"],
    },
    resume: {
      about: "恢复账号的群发任务",
      done: "账号已恢复。",
      after: ["", "例：", "  qunfa account resume acme"],
    },
  },
};

export const accountWordsIn: Readonly<Record<Language, AccountWords>> = { en: english, zh: chinese };
