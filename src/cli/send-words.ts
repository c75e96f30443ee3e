import type { DryRun } from "../campaign/dry-run.ts";
import { counted } from "./counted.ts";
import type { Language } from "./words.ts";

type Reason = NonNullable<DryRun["reason"]>;

const english = {
  file: "the campaign as JSON, as a job's; - is standard input",
  noJson: (file: string) => `${file} is no JSON object.`,
  options: {
    account: "id of the account, as in the accounts file",
    text: "send this text",
    audience:
      "to this file's OpenIDs (text, CSV, NDJSON, -), or to a stored --list <id>, a --tag <number>, or --all",
    name: "what to call it; --notify-url <url> gets the report",
    at: "start then: 2026-12-01T09:00 (Shanghai, or an offset)",
    window: "only 09:00-21:00; --deadline <time> cancels the rest",
    hold: "one batch first; --over-cap skip|fail at the cap",
    id: "its id; the same id and campaign again changes nothing",
    yes: "do not ask; --dry-run: only tell; --watch until it ends",
  },
  number: "expected the number of a tag",
  moment: "expected a time such as 2026-12-01T09:00, of Asia/Shanghai or with an offset",
  window: "expected two times of day such as 09:00-21:00, of Asia/Shanghai",
  past: {
    start: "is more than a day past: leave it out to start at once",
    deadline: "has passed: all would be canceled at once",
  },
  twice: "There is one standard input only: - can't be the campaign and its audience.",
  bar: "{bar} {percentage}% of the list, {eta_formatted} left",
  nobody: "Nobody is there to be asked: say --yes.",
  ask: "Send? [y/N] ",
  no: "Nothing was sent.",
  known: "This campaign was taken in before: nothing is sent twice.",
  send: {
    about: "send a campaign: by a file, and by options, which go over it; asks first",
    after: ["", "Example:", "  qunfa campaign send --account acme --text 'Hello' --audience openids.csv"],
  },
  plan: {
    about: "tell how many would get it, in how many calls, and when",
    after: [
      "",
      "Takes a new campaign as send does. Nothing is sent, reserved or stored.",
      "",
      "Example:",
      "  qunfa campaign plan --account acme --text 'Hello' --audience openids.csv",
    ],
    people: (admitted: string, received: string) =>
      `${admitted} of ${counted(received, "person", "people")} would get it`,
    left: { invalid: "malformed", duplicate: "twice", excluded: "left out", capped: "at the cap" },
    unknown: "Only WeChat knows how many people that is.",
    calls: (needed: string, left: string) => `Calls: ${needed}; left today: ${left}`,
    columns: ["batch", "people", "when"],
    never: "not by itself",
    more: (count: string) => `… and ${counted(count, "batch", "batches")} more`,
    reasons: {
      NOBODY_TO_SEND: "Nothing would go out: nobody is left, or one alone, whom mass/send can't reach.",
      OVER_CAP: "Nothing would go out: somebody is at the monthly cap.",
      DEADLINE: "Not everything would go out before the deadline.",
      PAUSED: "The account is paused: nothing goes out until it is resumed.",
      AUDIENCE_UNKNOWN: "WeChat has to name the people first: more can't be told.",
    } satisfies Record<Reason, string> as Readonly<Record<Reason, string>>,
  },
};

export type SendWords = typeof english;

const chinese: SendWords = {
  file: "JSON 格式的群发任务，与队列任务一致；- 表示标准输入",
  noJson: (file) => `${file} 不是 JSON 对象。`,
  options: {
    account: "账号 id，见账号文件",
    text: "发送这段文字",
    audience:
      "发给文件中的 OpenID（文本、CSV、NDJSON；-），或已存的 --list <id>、标签 --tag <number>、全部 --all",
    name: "任务名称；--notify-url <url> 接收报告",
    at: "何时开始：2026-12-01T09:00，未写时区即为北京时间",
    window: "每天只在 09:00-21:00；--deadline <time> 取消其余",
    hold: "先发一批；已达每月上限：--over-cap skip|fail",
    id: "任务 id；以同一 id 再次发送同一任务不会重复",
    yes: "不再询问；--dry-run 不写入；--watch 看到结束",
  },
  number: "须为标签的编号",
  moment: "须为时间，如 2026-12-01T09:00，未写时区即为北京时间",
  window: "须为时段，如 09:00-21:00，北京时间",
  past: { start: "已过去一天以上；要立即开始就不写", deadline: "已经过去，任务会立即全部取消" },
  twice: "标准输入只有一个：- 不能同时用于群发任务和名单。",
  bar: "{bar} 已读 {percentage}%，剩余 {eta_formatted}",
  nobody: "无人可以确认，须加 --yes。",
  ask: "确定发送？[y/N] ",
  no: "未发送任何内容。",
  known: "这个任务此前已经接收，不会重复发送。",
  send: {
    about: "发送群发任务：用文件和选项，选项优先；发送前先询问",
    after: ["", "例：", "  qunfa campaign send --account acme --text '你好' --audience openids.csv"],
  },
  plan: {
    about: "预先说明多少人会收到、需要几次调用、何时发送",
    after: [
      "",
      "新任务的写法与 campaign send 相同。不发送、不预留、不保存任何内容。",
      "",
      "例：",
      "  qunfa campaign plan --account acme --text '你好' --audience openids.csv",
    ],
    people: (admitted, received) => `${received} 人中有 ${admitted} 人会收到`,
    left: { invalid: "格式错误", duplicate: "重复", excluded: "被排除", capped: "已达上限" },
    unknown: "人数只有微信知道。",
    calls: (needed, left) => `需要调用 ${needed} 次；今日剩余 ${left} 次`,
    columns: ["批次", "人数", "时间"],
    never: "不会自行发出",
    more: (count) => `……另有 ${count} 个批次`,
    reasons: {
      NOBODY_TO_SEND: "什么也不会发出：没有人可发，或只剩一人（mass/send 无法只发一人）。",
      OVER_CAP: "什么也不会发出：有人已达每月上限。",
      DEADLINE: "截止时间之前发不完。",
      PAUSED: "账号已暂停，恢复之前不会发出。",
      AUDIENCE_UNKNOWN: "须先由微信列出人员，目前无法说明更多。",
    },
  },
};

export const sendWordsIn: Readonly<Record<Language, SendWords>> = { en: english, zh: chinese };
