import type { Check } from "./check.ts";
import { counted } from "./counted.ts";
import type { Language } from "./words.ts";

type Tell = Readonly<Partial<Record<Check["check"], (found: string | number) => string>>>;

const english = {
  about: "whether qunfa can work here, and with WeChat",
  after: [
    "",
    "Ends with 0 when nothing fails, else with the exit code of the first failure.",
    "",
    "Examples:",
    "  qunfa doctor",
    "  qunfa doctor --url https://push.example.com",
  ],
  url: "the public address of the server, for the callback URLs",
  offline: "ask neither WeChat nor the callback URLs",
  names: {
    accounts: "configuration read",
    redis: "Redis answers",
    version: "Redis 6.2 or newer",
    eviction: "maxmemory-policy is noeviction",
    appendOnly: "append-only file is on",
    clock: "clock within 2 s of Redis'",
    cluster: "all nodes of a cluster are named",
    workers: "workers connected",
    active: "not paused",
    token: "WeChat gives an access token",
    callback: "callback URL answers",
    quota: "send calls left today",
  } satisfies Record<Check["check"], string>,
  of: (name: string, account: string) => `${account}: ${name}`,
  states: { ok: "ok", warn: "look", fail: "FAILS", skip: "not checked" } satisfies Record<
    Check["state"],
    string
  >,
  tell: {
    accounts: (found) => (typeof found === "number" ? `accounts: ${found}` : found),
    clock: (found) => (Number(found) < 0 ? `${-Number(found)} ms behind` : `${found} ms ahead`),
    active: (found) => (found === "paused" ? "paused: nothing goes out until qunfa account resume" : ""),
    token: (found) =>
      typeof found === "number" ? `for ${counted(String(found), "minute", "minutes")}` : found,
  } as Tell,
};

export type DoctorWords = typeof english;

const chinese: DoctorWords = {
  about: "检查 qunfa 能否在此运行、能否与微信通信",
  after: [
    "",
    "全部通过时退出码为 0，否则为第一项失败的退出码。",
    "",
    "例：",
    "  qunfa doctor",
    "  qunfa doctor --url https://push.example.com",
  ],
  url: "服务器的公网地址，用于检查回调地址",
  offline: "不访问微信，也不访问回调地址",
  names: {
    accounts: "配置可读取",
    redis: "Redis 可连接",
    version: "Redis 版本不低于 6.2",
    eviction: "maxmemory-policy 为 noeviction",
    appendOnly: "已开启 AOF（append-only）",
    clock: "时钟与 Redis 相差不超过 2 秒",
    cluster: "集群的各节点均已写明",
    workers: "已连接的 worker",
    active: "未暂停",
    token: "微信给出 access_token",
    callback: "回调地址可用",
    quota: "今日剩余群发调用",
  },
  of: (name, account) => `${account}：${name}`,
  states: { ok: "通过", warn: "注意", fail: "失败", skip: "未检查" },
  tell: {
    accounts: (found) => (typeof found === "number" ? `${found} 个账号` : found),
    clock: (found) => (Number(found) < 0 ? `慢 ${-Number(found)} 毫秒` : `快 ${found} 毫秒`),
    active: (found) => (found === "paused" ? "已暂停：qunfa account resume 之前不会发送" : ""),
    token: (found) => (typeof found === "number" ? `有效 ${found} 分钟` : found),
  },
};

export const doctorWordsIn: Readonly<Record<Language, DoctorWords>> = { en: english, zh: chinese };
