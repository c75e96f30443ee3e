import { counted } from "./counted.ts";
import type { Language } from "./words.ts";

const english = {
  about: "the monthly cap: messages that followers have had",
  account: "id of the account, as in the accounts file",
  noAccount: (known: string) => `The accounts file has no such account, only ${known}.`,
  book: {
    about: "count a mass send that was made outside qunfa, by WeChat's console or another tool",
    all: "it went to all followers",
    file: "it went to these OpenIDs, one a line; - is the standard input",
    list: "it went to this stored list: qunfa audience list",
    msgId: "its msg_id; counts once, however often it is booked",
    key: "a name of your own for it; counts once, however often it is booked",
    note: "kept with the booking",
    after: [
      "",
      "Without --msg-id and --key every call counts once more.",
      "Not booked yet: GET /v1/accounts/ID/external-sends of the server.",
      "",
      "Examples:",
      "  qunfa cap book --account acme --all --msg-id 3147483661",
      "  qunfa cap book --account acme --file openids.txt --key console-2026-12-01",
    ],
    allOrFile: "Say --all, --file or --list.",
    digits: "expected digits",
    keyForm: "expected 1 to 128 characters of A-Z a-z 0-9 . _ -",
    everybody: (month: string) => `Every follower counts one mass message more in ${month}.`,
    people: (count: string, month: string) =>
      `${counted(count, "person counts", "people count")} one mass message more in ${month}.`,
    details: (received: string, invalid: string, duplicate: string) =>
      `The list had ${counted(received, "entry", "entries")}, ${invalid} malformed, ${duplicate} twice.`,
    repeated: (at: string) => `It was booked before, at ${at}: nothing is counted again.`,
  },
  show: {
    about: "this month's numbers, of everybody or of one person",
    openid: "of this person",
    after: ["", "Example:", "  qunfa cap show --account acme"],
    wrongOpenId: "--openid: expected 20 to 64 characters of A-Z a-z 0-9 _ -",
    month: (month: string) => `Mass messages in ${month}, sent, reserved or booked`,
    people: "people",
    times: { 1: "1 message", 2: "2 messages", 3: "3 messages", 4: "4 or more" },
    base: (count: string) => `Messages booked for every follower, included in each count above: ${count}`,
    followersUnknown:
      "How many followers there are is not known yet: who has only these is not in the table.",
    used: "had",
    left: "left",
    limit: "limit",
  },
};

export type CapWords = typeof english;

const chinese: CapWords = {
  about: "每月上限：关注者本月已收到多少条群发",
  account: "账号 id，见账号文件",
  noAccount: (known) => `账号文件中没有这个账号，只有 ${known}。`,
  book: {
    about: "登记一次在 qunfa 之外的群发（公众平台后台或其他工具）",
    all: "发给了全部关注者",
    file: "发给了这些 OpenID，每行一个；- 表示标准输入",
    list: "发给了这份已存的名单：qunfa audience list",
    msgId: "该次群发的 msg_id；登记多少次都只计一次",
    key: "自取的名称；登记多少次都只计一次",
    note: "随登记保存的备注",
    after: [
      "",
      "不带 --msg-id 也不带 --key 时，每次调用都会再计一条。",
      "尚未登记的群发：服务器的 GET /v1/accounts/ID/external-sends。",
      "",
      "例：",
      "  qunfa cap book --account acme --all --msg-id 3147483661",
      "  qunfa cap book --account acme --file openids.txt --key console-2026-12-01",
    ],
    allOrFile: "--all、--file 与 --list 须选且只能选一个。",
    digits: "须为数字",
    keyForm: "须为 1 到 128 个字符：A-Z a-z 0-9 . _ -",
    everybody: (month) => `全部关注者在 ${month} 各多计一条群发。`,
    people: (count, month) => `${count} 人在 ${month} 各多计一条群发。`,
    details: (received, invalid, duplicate) =>
      `名单共 ${received} 条，格式错误 ${invalid} 条，重复 ${duplicate} 条。`,
    repeated: (at) => `此前已于 ${at} 登记，不再重复计数。`,
  },
  show: {
    about: "查看本月的条数：全部关注者，或某一个人",
    openid: "查看这个人",
    after: ["", "例：", "  qunfa cap show --account acme"],
    wrongOpenId: "--openid 须为 20 到 64 个字符：A-Z a-z 0-9 _ -",
    month: (month) => `${month} 的群发条数（已发送、已预留或已登记）`,
    people: "人数",
    times: { 1: "1 条", 2: "2 条", 3: "3 条", 4: "4 条及以上" },
    base: (count) => `为全部关注者登记的群发（上表已逐人计入）：${count} 条`,
    followersUnknown: "关注者总数尚不清楚，仅收到这些群发的人未列入上表。",
    used: "已计",
    left: "剩余",
    limit: "上限",
  },
};

export const capWordsIn: Readonly<Record<Language, CapWords>> = { en: english, zh: chinese };
