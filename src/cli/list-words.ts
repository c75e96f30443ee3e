import { counted } from "./counted.ts";
import type { Language } from "./words.ts";

const english = {
  account: "id of the account, as in the accounts file",
  noAccount: (known: string) => `The accounts file has no such account, only ${known}.`,
  noList: "There is no such list.",
  inUse: "A campaign that has not ended names this list.",
  audience: {
    about: "stored lists of OpenIDs, which campaigns name",
    id: "id of the list: qunfa audience list",
    bar: "{bar} {percentage}% of the file, {eta_formatted} left",
    states: { reading: "being read", ready: "ready", failed: "failed" },
    columns: ["id", "state", "OpenIDs", "name"],
    none: "There are no lists.",
    row: { id: "id", state: "state", received: "entries", invalid: "malformed", error: "why" },
    upload: {
      about: "store a list",
      file: "an OpenID a line, CSV (first column) or NDJSON, also gzip; - is standard input",
      format: "text, csv or ndjson (by the file's name, else csv)",
      wrongFormat: "expected text, csv or ndjson",
      name: "what to call it",
      wrongName: "expected a name, of 200 characters at most",
      after: ["", "Example:", "  qunfa audience upload openids.csv --name November"],
    },
    list: { about: "list what is stored, newest first", after: ["", "Example:", "  qunfa audience list"] },
    show: { about: "show one list", after: ["", "Example:", "  qunfa audience show 6b2f0c1e-…"] },
    remove: {
      about: "remove a list; one that is being read is read no more",
      done: "The list is removed.",
      after: ["", "Example:", "  qunfa audience remove 6b2f0c1e-…"],
    },
    read: {
      about: "have a worker read followers into a list",
      all: "all followers of the account",
      tag: "those who have this tag, by its number",
      tagName: "those who have this tag, by its name",
      number: "expected the number of a tag",
      which: "Say one of --all, --tag and --tag-name.",
      begun: (id: string) => `A worker reads list ${id}. It is ready when qunfa audience show says so.`,
      after: [
        "",
        "Say one of --all, --tag and --tag-name.",
        "",
        "Example:",
        "  qunfa audience read --account acme --tag 100 --name VIP",
      ],
    },
  },
  doNotSend: {
    about: "people to whom the account sends nothing",
    wrongOpenId: "openid: expected 20 to 64 characters of A-Z a-z 0-9 _ -",
    add: {
      about: "put people on the list",
      file: "an OpenID a line, or CSV (first column), also gzip; - is standard input",
      done: (added: string, received: string, invalid: string) =>
        `${counted(added, "person is", "people are")} new on the list. The file had ${counted(received, "entry", "entries")}, ${invalid} malformed.`,
      empty: "There is no entry in the list.",
      after: ["", "Example:", "  qunfa account do-not-send add gone.txt --account acme"],
    },
    remove: {
      about: "take somebody off the list",
      openid: "the follower's OpenID",
      done: "They are off the list.",
      absent: "They are not on the list.",
      after: ["", "Example:", "  qunfa account do-not-send remove oABC… --account acme"],
    },
    list: {
      about: "print everybody on the list, one a line",
      after: ["", "Example:", "  qunfa account do-not-send list --account acme > gone.txt"],
    },
  },
};

export type ListWords = typeof english;

const chinese: ListWords = {
  account: "账号 id，见账号文件",
  noAccount: (known) => `账号文件中没有这个账号，只有 ${known}。`,
  noList: "没有这个名单。",
  inUse: "有尚未结束的群发在使用这个名单。",
  audience: {
    about: "供群发使用的 OpenID 名单",
    id: "名单的 id，见 qunfa audience list",
    bar: "{bar} 已读 {percentage}%，剩余 {eta_formatted}",
    states: { reading: "读取中", ready: "可用", failed: "失败" },
    columns: ["id", "状态", "OpenID 数", "名称"],
    none: "没有名单。",
    row: { id: "id", state: "状态", received: "条数", invalid: "格式错误", error: "原因" },
    upload: {
      about: "存入一个名单",
      file: "每行一个 OpenID，或 CSV（第一列）、NDJSON，可用 gzip 压缩；- 表示标准输入",
      format: "text、csv 或 ndjson（默认按文件名判断，否则为 csv）",
      wrongFormat: "须为 text、csv 或 ndjson",
      name: "名单的名称",
      wrongName: "须为 1 到 200 个字符",
      after: ["", "例：", "  qunfa audience upload openids.csv --name 十一月"],
    },
    list: { about: "列出已存的名单，新的在前", after: ["", "例：", "  qunfa audience list"] },
    show: { about: "查看一个名单", after: ["", "例：", "  qunfa audience show 6b2f0c1e-…"] },
    remove: {
      about: "删除一个名单；正在读取的名单随即停止读取",
      done: "名单已删除。",
      after: ["", "例：", "  qunfa audience remove 6b2f0c1e-…"],
    },
    read: {
      about: "由工作进程把关注者读入一个名单",
      all: "账号的全部关注者",
      tag: "有这个标签的关注者（标签编号）",
      tagName: "有这个标签的关注者（标签名称）",
      number: "须为标签的编号",
      which: "--all、--tag、--tag-name 须选且只能选一个。",
      begun: (id) => `工作进程正在读取名单 ${id}，读完后 qunfa audience show 显示为可用。`,
      after: [
        "",
        "--all、--tag、--tag-name 须选且只能选一个。",
        "",
        "例：",
        "  qunfa audience read --account acme --tag 100 --name VIP",
      ],
    },
  },
  doNotSend: {
    about: "免打扰名单：账号不向这些人群发",
    wrongOpenId: "openid 须为 20 到 64 个字符：A-Z a-z 0-9 _ -",
    add: {
      about: "加入免打扰名单",
      file: "每行一个 OpenID，或 CSV（第一列），可用 gzip 压缩；- 表示标准输入",
      done: (added, received, invalid) =>
        `新加入 ${added} 人。文件共 ${received} 条，格式错误 ${invalid} 条。`,
      empty: "文件中没有任何条目。",
      after: ["", "例：", "  qunfa account do-not-send add gone.txt --account acme"],
    },
    remove: {
      about: "从免打扰名单中移除一个人",
      openid: "关注者的 OpenID",
      done: "已移除。",
      absent: "此人不在免打扰名单中。",
      after: ["", "例：", "  qunfa account do-not-send remove oABC… --account acme"],
    },
    list: {
      about: "输出免打扰名单中的所有人，每行一个",
      after: ["", "例：", "  qunfa account do-not-send list --account acme > gone.txt"],
    },
  },
};

export const listWordsIn: Readonly<Record<Language, ListWords>> = { en: english, zh: chinese };
