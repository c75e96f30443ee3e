import type { Verdict } from "../campaign/batch.ts";
import { counted } from "./counted.ts";
import type { Language } from "./words.ts";

const english = {
  campaign: "its id; without it all batches under review are listed",
  number: "number of the batch",
  wrongNumber: "expected the number of a batch",
  review: {
    about: "show and settle a batch of which only a person can tell whether it went out",
    sent: "it went out",
    notSent: "it did not go out: what it reserved goes back",
    msgId: "with --sent: its msg_id, as in WeChat's console",
    digits: "expected digits",
    sendAgain: "with --not-sent: to its people again, a new campaign",
    reason: "why, for the records",
    yes: "do not ask",
    noNumber: "Say which batch: qunfa batch review CAMPAIGN NUMBER.",
    noVerdict: "--msg-id goes with --sent, --send-again with --not-sent, --reason and --yes with either.",
    after: [
      "",
      "A verdict is for good. Compare with the mass sends in WeChat's console first.",
      "",
      "Examples:",
      "  qunfa batch review",
      "  qunfa batch review november-offer 3",
      "  qunfa batch review november-offer 3 --not-sent --send-again",
    ],
    none: "No batch is under review.",
    columns: ["campaign", "batch", "people", "since", "why"],
    row: {
      batch: "batch",
      state: "state",
      size: "people",
      why: "why",
      calls: "calls",
      first: "first in doubt",
      last: "last call",
      accepted: "accepted",
      msgId: "msg_id",
      clientmsgid: "clientmsgid",
      verdict: "verdict",
      contradiction: "WeChat says",
      again: "sent again as",
      candidate: "could be its result",
    },
    verdicts: { sent: "it went out", "not-sent": "it did not go out" } satisfies Record<
      Verdict,
      string
    > as Readonly<Record<Verdict, string>>,
    by: (verdict: string, who: string, at: string) => `${verdict} (${who}, ${at})`,
    ask: (id: string, number: string, verdict: string, sendsAgain = false) =>
      `Settle batch ${number} of ${id} for good: ${verdict}${sendsAgain ? ", and send to its people again" : ""}? [y/N] `,
    again: (id: string, state: string) => `Sent to its people again: ${id} (${state})`,
  },
  rest: {
    option:
      "again, to that one's failed and canceled batches, and --partly those some may have got; --reason <text>: why",
    only: "--partly and --reason go with --rest-of.",
    alone: "--rest-of takes neither a file nor what belongs to a new campaign.",
    ask: (people: string, batches: string) =>
      `Send to ${counted(people, "person", "people")} of ${counted(batches, "batch", "batches")} again? [y/N] `,
    left: (batches: string) =>
      `Left out, for some of their people may have got it (--partly takes them): batch ${batches}`,
    underReview: (batches: string, command: string) =>
      `Left out, for only a person can tell whether they went out: batch ${batches}. Settle: ${command}`,
  },
  audit: {
    about: "list who did what, when and why, newest first",
    campaign: "of this campaign alone",
    columns: ["when", "who", "what", "campaign", "batch", "why"],
    none: "Nothing was done.",
    article: (number: string) => `article ${number}`,
    after: ["", "Example:", "  qunfa account audit --account acme --limit 20"],
  },
};

export type ReviewWords = typeof english;

const chinese: ReviewWords = {
  campaign: "群发任务的 id；不写则列出所有待复核的批次",
  number: "批次的序号",
  wrongNumber: "须为批次的序号",
  review: {
    about: "查看并裁定只有人才能判断是否已发出的批次",
    sent: "已经发出",
    notSent: "没有发出：归还它占用的次数",
    msgId: "与 --sent 同用：微信后台显示的 msg_id",
    digits: "须为数字",
    sendAgain: "与 --not-sent 同用：作为新的群发任务，再次发给这批人",
    reason: "原因，留作记录",
    yes: "不再询问",
    noNumber: "请指明批次：qunfa batch review 任务ID 批次序号",
    noVerdict:
      "--msg-id 须与 --sent 同用，--send-again 须与 --not-sent 同用，--reason 和 --yes 须与其一同用。",
    after: [
      "",
      "裁定之后不可更改。请先与微信后台的群发记录核对。",
      "",
      "例：",
      "  qunfa batch review",
      "  qunfa batch review november-offer 3",
      "  qunfa batch review november-offer 3 --not-sent --send-again",
    ],
    none: "没有待复核的批次。",
    columns: ["任务", "批次", "人数", "时间", "原因"],
    row: {
      batch: "批次",
      state: "状态",
      size: "人数",
      why: "原因",
      calls: "调用次数",
      first: "最早存疑",
      last: "最后一次调用",
      accepted: "被接受",
      msgId: "msg_id",
      clientmsgid: "clientmsgid",
      verdict: "裁定",
      contradiction: "微信称",
      again: "再次发送于",
      candidate: "可能是它的结果",
    },
    verdicts: { sent: "已发出", "not-sent": "没有发出" },
    by: (verdict, who, at) => `${verdict}（${who}，${at}）`,
    ask: (id, number, verdict, sendsAgain) =>
      `裁定 ${id} 的第 ${number} 批：${verdict}${sendsAgain ? "，并由新任务再次发给这批人" : ""}，不可更改，确定吗？[y/N] `,
    again: (id, state) => `再次发给这批人的任务：${id}（${state}）`,
  },
  rest: {
    option: "再发给该任务失败或取消的批次；--partly 也发给可能有人已收到的批次；--reason <text> 原因",
    only: "--partly 与 --reason 须与 --rest-of 同用。",
    alone: "--rest-of 不能与文件或新任务的选项同用。",
    ask: (people, batches) => `再次发给 ${batches} 个批次的 ${people} 人吗？[y/N] `,
    left: (batches) => `未包括（可能有人已经收到，加 --partly 则包括）：第 ${batches} 批`,
    underReview: (batches, command) => `未包括（是否已发出须由人裁定）：第 ${batches} 批。裁定：${command}`,
  },
  audit: {
    about: "列出谁在何时做过什么、为什么，新的在前",
    campaign: "只看这个任务",
    columns: ["时间", "谁", "做了什么", "任务", "批次", "原因"],
    none: "没有记录。",
    article: (number) => `第 ${number} 篇`,
    after: ["", "例：", "  qunfa account audit --account acme --limit 20"],
  },
};

export const reviewWordsIn: Readonly<Record<Language, ReviewWords>> = { en: english, zh: chinese };
