import type { FailureCode } from "../failure.ts";

export type Language = "en" | "zh";

/** By the locale, as every command line: Chinese where it says so, else English. */
export function languageOf(env: Readonly<Record<string, string | undefined>>): Language {
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || "";
  return locale.toLowerCase().startsWith("zh") ? "zh" : "en";
}

const english = {
  about: "qunfa: mass sends to WeChat followers, as REDIS_URL and QUNFA_ACCOUNTS say",
  version: "show the version",
  help: "show this help",
  helpCommand: "show the help of a command",
  required: " (required)",
  output: "table, json or ndjson (table)",
  formats: "expected table, json or ndjson",
  wrongUrl: "expected an http or https address",
  twice: (flag: string) => `${flag} is given twice: it takes one value.`,
  noCommand: "Say which command; --help shows them.",
  after: [
    "",
    "Example; each command has its own: qunfa help campaign send",
    "  qunfa campaign send --account acme --text 'Hello' --audience openids.csv",
  ],
  /** Of the help's parts; what is not in it stands as it is. */
  titles: {} as Readonly<Record<string, string>>,
  /** What is wrong with a command line, by the code that commander gives it. */
  usage: {} as Readonly<Record<string, string>>,
  /** What else its sentence says, put behind that. */
  usageMore: {
    expected: (what: string) => `: ${what}`,
    count: (most: string, given: string) => `: expected ${most}, got ${given}`,
    meant: (what: string) => ` (did you mean ${what}?)`,
  },
  /** What a failure is called; its own message, which is English, follows. */
  failures: {} as Readonly<Partial<Record<FailureCode, string>>>,
};

export type Words = typeof english;

const chinese: Words = {
  about: "qunfa：微信公众号群发；读取环境变量 REDIS_URL 和 QUNFA_ACCOUNTS",
  version: "显示版本号",
  help: "显示帮助",
  helpCommand: "显示某个命令的帮助",
  required: "（必填）",
  output: "table、json 或 ndjson（默认 table）",
  formats: "须为 table、json 或 ndjson",
  wrongUrl: "须为 http 或 https 地址",
  twice: (flag) => `${flag} 给了两次，只能给一个值。`,
  noCommand: "须指明命令，见 --help。",
  after: [
    "",
    "例；各命令的例子见其帮助，如 qunfa help campaign send：",
    "  qunfa campaign send --account acme --text '你好' --audience openids.csv",
  ],
  titles: {
    "Usage:": "用法：",
    "Options:": "选项：",
    "Arguments:": "参数：",
    "Commands:": "命令：",
  },
  usage: {
    "commander.unknownOption": "没有这个选项",
    "commander.unknownCommand": "没有这个命令",
    "commander.excessArguments": "参数过多",
    "commander.optionMissingArgument": "选项缺少参数",
    "commander.missingArgument": "缺少参数",
    "commander.missingMandatoryOptionValue": "缺少必需的选项",
    "commander.conflictingOption": "选项互相冲突",
    "commander.invalidArgument": "选项的参数不合格式",
  },
  usageMore: {
    expected: (what) => `：${what}`,
    count: (most, given) => `：应为 ${most} 个，给了 ${given} 个`,
    meant: (what) => `（是否指 ${what}？）`,
  },
  failures: {
    BAD_CONFIG: "配置有误",
    BAD_REDIS: "这个 Redis 不能用于 qunfa",
    BAD_CAMPAIGN: "群发任务不合格式",
    BAD_REQUEST: "命令有误",
    INVALID_PARAMETER: "参数不合格式",
    NOT_FOUND: "找不到",
    LIST_IN_USE: "名单正在使用",
    AUDIENCE_LOST: "名单或其中一部分已丢失",
    NOTHING_LEFT: "没有需要再次发送的人",
    UNSUPPORTED_MEDIA_TYPE: "不接受这种文件",
    TOO_SLOW: "没有在规定时间内完成",
    CONTENT_REFUSED: "群发内容不符合微信的要求",
    CONTENT_TOO_LARGE: "地址中的内容过大",
    FETCH_REFUSED: "不允许读取这个地址，或对方拒绝",
    FETCH_FAILED: "地址没有给出可用的答复",
    ACCOUNT_UNKNOWN: "账号文件中已没有这个账号",
    CLOCK_OFF: "本机时钟与 Redis 的不一致",
    TOO_LARGE: "内容过大",
    ID_REUSED: "这个 id、名称或 msg_id 已用于另一个任务或另一次登记",
    ID_RETIRING: "这个 id 原先的任务正在删除，稍后再试",
    MSG_ID_OWNED: "这个 msg_id 属于 qunfa 自己的批次，已经计数",
    MSG_ID_IN_DOUBT: "存疑或待人工复核的批次可能拥有这个 msg_id，待其有结果后再登记",
    TOKEN_REFUSED: "微信拒绝了 access_token 请求",
    WECHAT_UNREACHABLE: "微信没有给出可用的答复",
    WECHAT_REFUSED: "微信拒绝了这次调用",
    WECHAT_NOT_NOW: "微信目前不接受这次调用",
    ILLEGAL_MOVE: "群发任务目前不能这样操作",
    QUOTA_SPENT: "今日或本分钟的调用次数已用完",
    REDIS_AWAY: "Redis 无法连接",
    INTERNAL: "这是 qunfa 的程序错误",
  },
};

export const wordsIn: Readonly<Record<Language, Words>> = { en: english, zh: chinese };
