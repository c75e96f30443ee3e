const english = {
  starting: "Starting Redis, the WeChat sandbox, the server and a worker …",
  enqueueing: (people: string) =>
    `Enqueueing a campaign for ${people} OpenIDs, as any BullMQ producer would …`,
  progress: (percent: number, accepted: string, sent: string) =>
    `${percent} % closed, WeChat accepted ${accepted}, reports ${sent} as sent`,
  bar: "{bar} {percentage} %  accepted {accepted}  sent {sent}",
  report: "The report",
  rows: {
    state: "state",
    received: "OpenIDs received",
    invalid: "  malformed",
    duplicate: "  twice in the list",
    excluded: "  excluded",
    capped: "  at the monthly cap",
    admitted: "  admitted",
    batches: "batches planned / succeeded",
    total: "WeChat counted",
    filtered: "  filtered (unfollowed or at their limit)",
    sent: "  sent",
    failed: "  failed",
    calls: "calls of the send API",
  },
  took: (seconds: string) => `Done in ${seconds} s. Everything that was started is stopped.`,
  next: [
    "Where to look next:",
    "  npm start                       the same to play with: API, callbacks and queue dashboard stay up",
    "  docs/life-of-a-campaign.md      what just happened, file by file",
    "  docs/sandbox.md                 script a fault (a lost answer, a refused send) and watch",
  ],
};

const chinese: typeof english = {
  starting: "正在启动 Redis、微信沙箱、服务器和一个 worker …",
  enqueueing: (people) => `像任何 BullMQ 生产者一样，提交一个发给 ${people} 个 OpenID 的群发任务 …`,
  progress: (percent, accepted, sent) => `已结束 ${percent} %，微信已受理 ${accepted}，回报发送成功 ${sent}`,
  bar: "{bar} {percentage} %  已受理 {accepted}  发送成功 {sent}",
  report: "结果报告",
  rows: {
    state: "状态",
    received: "收到的 OpenID",
    invalid: "  格式错误",
    duplicate: "  重复",
    excluded: "  排除",
    capped: "  达到当月上限",
    admitted: "  准予发送",
    batches: "批次 计划 / 成功",
    total: "微信统计总数",
    filtered: "  被过滤（已取关或超限）",
    sent: "  发送成功",
    failed: "  发送失败",
    calls: "群发接口调用次数",
  },
  took: (seconds) => `用时 ${seconds} 秒，启动的进程均已停止。`,
  next: [
    "接下来：",
    "  npm start                       同样的环境，保持运行：API、回调和队列面板",
    "  docs/life-of-a-campaign.md      刚才发生了什么，逐个文件",
    "  docs/sandbox.md                 编排一个故障（丢失的返回、被拒绝的群发）看看会怎样",
  ],
};

export type Words = typeof english;

/** By LANG, as every command line: Chinese where it says so, else English. */
export function wordsFor(env: Readonly<Record<string, string | undefined>>): Words {
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || "";
  return locale.toLowerCase().startsWith("zh") ? chinese : english;
}
